// sx inspect over real blocks: code, data, the graph both ways, and trees that end.
import { describe, expect, it } from 'vitest'
import type { Inspected, Related } from '../../src/app-port.ts'
import { buildTree, treeLines } from '../../src/cli/tree.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { linksOf } from '../../src/ipld/encode.ts'
import { read } from '../../src/lang/reader.ts'
import { createTestSite, type TestSite } from '../support/gateway-site.ts'
import { runCli } from '../support/run-cli.ts'
import { createRealSite } from '../support/run-real.ts'

const names: Record<string, string[]> = {}

function inspected(site: TestSite, cid: string): Inspected {
  const related = (of: string): Related => {
    const bytes = site.store.get(of)!
    return { cid: of, kind: decodeNode(bytes).kind, names: names[of] ?? [], size: bytes.byteLength }
  }
  const links = (of: string): readonly Related[] => linksOf(decodeNode(site.store.get(of)!)).map(related)
  const all = [site.cids.card, site.cids.list, site.cids.even, site.cids.group]
  return {
    ...related(cid),
    codec: 'dag-cbor',
    bytes: site.store.get(cid)!,
    about: { doc: 'What it is for.', source: 'src/a.sx:1' },
    load: of => site.store.get(of),
    dependencies: (of = cid) => links(of),
    dependents: (of = cid) => all.filter(each => links(each).some(link => link.cid === of)).map(related),
  }
}

describe('sx inspect', async () => {
  const site = await createTestSite()
  names[site.cids.card] = ['~card']
  names[site.cids.list] = ['~list']
  names[site.cids.even] = ['even?']
  const inspect = (cid: string, ...argv: string[]) =>
    runCli(['inspect', 'x', ...argv], { inspect: async () => [inspected(site, cid)] })

  it('shows everything about one definition', async () => {
    const { status, out } = await inspect(site.cids.list)
    expect(status).toBe(0)
    expect(out).toContain(site.cids.list)
    expect(out).toMatch(/^uses +~card$/m)
    expect(out).toContain('What it is for.')
    expect(out).toContain('(defcomp ~list (&key posts)')
  })

  it('as sx reads back, a member with its group', async () => {
    expect(read((await inspect(site.cids.list, '--as', 'sx')).out).forms).toHaveLength(1)
    expect((await inspect(site.cids.even, '--as', 'sx')).out).toContain('(define even?')
  })

  it('as expanded shows what was written beside what macros made of it', async () => {
    const real = createRealSite({
      'a.sx':
        '(defmacro unless (test &rest body) `(when (not ,test) ,@body))\n(define no (fn (x) (not x)))\n(defcomp ~a (&key t) (p (unless (no t) t)))\n(defpage home :path "/" :title "x" :content (~a :t 1))',
    })
    try {
      await real.run(['build'])
      expect((await real.run(['inspect', '~a', '--as', 'expanded'])).out).toBe(
        '; as written\n(defcomp ~a (&key t) (p (unless (no t) t)))\n; expanded, as it is stored\n(defcomp ~a (&key t) (p (when (not (no t)) t)))\n',
      )
      expect((await real.run(['inspect', 'no', '--as', 'expanded'])).out).toBe(
        '; no macro made it another one: as written\n(define no (fn (x) (not x)))\n',
      )
      expect(JSON.parse((await real.run(['inspect', '~a', '--as', 'expanded', '--json'])).out)).toMatchObject(
        {
          written: '(defcomp ~a (&key t) (p (unless (no t) t)))',
          expanded: '(defcomp ~a (&key t) (p (when (not (no t)) t)))\n',
        },
      )
    } finally {
      real.remove()
    }
  })

  it('as dag-json is the block’s data', async () => {
    expect(JSON.parse((await inspect(site.cids.card, '--as', 'dag-json')).out)).toMatchObject({
      kind: 'component',
      sx: 1,
    })
  })

  it('lists what it uses and what uses it', async () => {
    const { out } = await inspect(site.cids.list, '--as', 'deps')
    expect(out).toMatch(new RegExp(`^~card +component +\\d+ B +${site.cids.card}$`, 'm'))
    expect((await inspect(site.cids.card, '--as', 'dependents')).out).toContain('~list')
    const none = await inspect(site.cids.list, '--as', 'dependents')
    expect(none).toMatchObject({ status: 0, err: 'nothing uses it\n' })
  })

  it('draws the tree', async () => {
    expect((await inspect(site.cids.list, '--as', 'tree')).out).toMatch(
      /^~list component \d+ B\n└─ ~card component \d+ B\n$/,
    )
  })

  it.each(['sx', 'deps', 'dependents', 'tree', 'dag-json', ''])('--as %s --json is one object', async as => {
    const { out } = await inspect(site.cids.list, '--json', ...(as === '' ? [] : ['--as', as]))
    expect(out.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(out)).toBeTypeOf('object')
  })

  it('a file’s definitions come one after another', async () => {
    const both = async () => [inspected(site, site.cids.card), inspected(site, site.cids.list)]
    expect(
      (await runCli(['inspect', 'a.sx', '--json'], { inspect: both })).out.trim().split('\n'),
    ).toHaveLength(2)
  })

  it('says why there is no text', async () => {
    const raw: Inspected = { ...inspected(site, site.cids.card), kind: 'raw', codec: 'raw' }
    const { status, err } = await runCli(['inspect', 'x', '--as', 'sx'], { inspect: async () => [raw] })
    expect(status).toBe(1)
    expect(err).toContain('is no definition but raw')
  })
})

describe('a tree', () => {
  const node = (cid: string): Related => ({ cid, kind: 'value', names: [cid], size: 1 })
  const lines = (graph: Record<string, string[]>, limits = { depth: 8, lines: 100 }) =>
    treeLines(
      buildTree(node('a'), cid => (graph[cid] ?? []).map(node), limits),
      ({ of, again }) => of.cid + (again ? ' ↑' : ''),
    )

  it('shows what is shared once', () => {
    expect(lines({ a: ['b', 'c'], b: ['d'], c: ['d', 'e'], d: ['f'] })).toEqual([
      'a',
      '├─ b',
      '│  └─ d',
      '│     └─ f',
      '└─ c',
      '   ├─ d ↑',
      '   └─ e',
    ])
  })

  it('of a graph where everything shares everything is as long as the graph', () => {
    const graph = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [i === 0 ? 'a' : `n${i}`, [`n${i + 1}`, `n${i + 1}x`]]).concat(
        Array.from({ length: 30 }, (_, i) => [`n${i}x`, [`n${i + 1}`]]),
      ),
    )
    expect(lines(graph, { depth: 1000, lines: 10_000 }).length).toBeLessThan(200)
  })

  it('stops at a depth and at a number of lines, and says what it left out', () => {
    expect(lines({ a: ['b'], b: ['c', 'd'] }, { depth: 1, lines: 100 })).toEqual([
      'a',
      '└─ b',
      '   └─ … 2 more',
    ])
    expect(lines({ a: ['b', 'c', 'd'] }, { depth: 8, lines: 2 })).toEqual(['a', '├─ b', '└─ … 2 more'])
  })
})
