import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, createSandbox, example, type Report, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
let first: Report
beforeAll(async () => {
  sandbox = createSandbox()
  first = await build(sandbox, sandbox.copyExample('first'))
})
afterAll(() => sandbox?.stop())

const files = readdirSync(example, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath, entry.name).slice(example.length + 1))
const texts = (change: (text: string, path: string) => string): Record<string, string | Uint8Array> =>
  Object.fromEntries(
    files.map(path => [
      path,
      path.endsWith('.sx')
        ? change(readFileSync(join(example, path), 'utf8'), path)
        : readFileSync(join(example, path)),
    ]),
  )
const elsewhere = (env: Record<string, string>): { env: Record<string, string> } => ({
  env: { ...env, SX_STORE: sandbox.path(`store-${Object.values(env).join('-').replace(/\W/g, '_')}.sqlite`) },
})

describe('the same sources give the same root', () => {
  it('in another folder, written in another order, by another process with another language, time zone and mask', async () => {
    const all = texts(text => text)
    const shuffled = Object.fromEntries(
      Object.entries(all).sort(([a], [b]) =>
        a.split(sep).reverse().join() < b.split(sep).reverse().join() ? 1 : -1,
      ),
    )
    const folder = sandbox.write('other place/né', shuffled)
    for (const env of [
      { LANG: 'C', LC_ALL: 'C', TZ: 'Pacific/Kiritimati' },
      { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'America/St_Johns', NODE_ENV: 'production' },
    ])
      expect((await build(sandbox, folder, elsewhere(env))).root).toBe(first.root)
    if (process.platform !== 'win32') {
      const ran = await sandbox.run(
        ['-c', `umask 077 && exec "$0" "$@"`, process.execPath, 'src/cli/main.ts', 'build', folder, '--json'],
        {
          ...elsewhere({ UMASK: '077' }),
          command: ['/bin/sh'],
          cwd: join(example, '../..'),
        },
      )
      expect((JSON.parse(ran.out) as Report).root).toBe(first.root)
    }
  })

  it.each([
    ['CRLF', (text: string) => text.replace(/\n/g, '\r\n')],
    ['CR', (text: string) => text.replace(/\n/g, '\r')],
    ['a BOM', (text: string) => `\uFEFF${text}`],
  ])('checked out with %s', async (name, change) => {
    const report = await build(sandbox, sandbox.write(`checkout ${name}`, texts(change)))
    expect(report.names).toEqual(first.names)
    expect(report.root).toBe(first.root)
  })
})

describe('what an edit changes', () => {
  const edited = async (name: string, change: (text: string, path: string) => string): Promise<Report> =>
    build(sandbox, sandbox.write(name, texts(change)))
  const cids = (report: Report): string[] => [...new Set(Object.values(report.names))].sort()

  it('renaming a definition: its name, and no CID of any definition or page', async () => {
    const renamed = await edited('renamed', text => text.replaceAll('~market/price', '~market/what-it-costs'))
    expect(renamed.names['~market/what-it-costs']).toBe(first.names['~market/price'])
    expect(renamed.names['~market/price']).toBeUndefined()
    expect(cids(renamed)).toEqual(cids(first))
    expect(renamed.pages).toEqual(first.pages)
    expect(renamed.root).not.toBe(first.root)
  })

  it('comments, white space and brackets: no CID of any definition or page', async () => {
    const formatted = await edited('formatted', text =>
      text
        .replace(/^\((define|defcomp)/gm, '; another comment\n\n(  $1')
        .replaceAll('((post blog/posts))', '[[post   blog/posts]]'),
    )
    expect(formatted.names).toEqual(first.names)
    expect(formatted.pages).toEqual(first.pages)
  })

  it('a price: the good, what reaches it, and nothing else', async () => {
    const changed = await edited('dearer', text => text.replace(':price 480', ':price 490'))
    const differ = Object.keys(first.names).filter(name => changed.names[name] !== first.names[name])
    expect(differ).toEqual(
      expect.arrayContaining(['market/rye', 'market/goods', 'market/find', 'cart/sample']),
    )
    for (const same of [
      '~market/card',
      '~market/price',
      '~ui/card',
      'market/buns',
      'rose/money',
      '~blog/card',
    ])
      expect(differ).not.toContain(same)
    const pages = changed.pages.filter(
      ({ path, cid }) => first.pages.find(page => page.path === path)?.cid !== cid,
    )
    expect(pages.map(({ path }) => path)).not.toContain('/blog')
    expect(pages.map(({ path }) => path)).toContain('/market')
  })

  it('nothing: nothing is written, and the store has every block already', async () => {
    const again = await build(sandbox, sandbox.path('first'))
    expect(again.root).toBe(first.root)
    expect(again.reused).toBe(again.blocks)
  })
})
