// A library means the same by its bytecode as by its source; bytecode that can't be used is passed over.

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BYTECODE, bytecodeOf } from '../../src/ipld/bytecode.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import { createGraph } from '../../src/ipld/graph.ts'
import type { BytecodeNode, GroupedNode, LibraryNode, Node } from '../../src/ipld/kinds.ts'
import { readNode } from '../../src/ipld/read-node.ts'
import { contentId } from '../../src/lang/canonical.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import { ExportLink, Link, type List, type Value } from '../../src/lang/values.ts'
import { bytecode } from '../../src/runtime/bytecode.ts'
import { createCore } from '../../src/runtime/core.ts'
import { extensions } from '../../src/runtime/extensions.ts'
import { createHtmlSink } from '../../src/runtime/html.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show } from '../../src/runtime/values.ts'
import { sha256 } from '../support/graph-site.ts'
import { examplesOf, languageDoc } from '../support/language-doc.ts'

/** A core as a browser has it: with bytecode for all libraries and no source, or the other way. */
const coreOf = (
  nodes: ReadonlyMap<string, Node>,
  compiled: ReadonlyMap<string, Node>,
  told: string[] = [],
) => {
  const asked: string[] = []
  const core = createCore({
    // Random defines call each other without end.
    limits: { steps: 5000, depth: 1000, output: 10_000, memory: 100_000 },
    definitions: {
      find: cid => {
        const node = nodes.get(cid)
        if (node?.kind === 'library') asked.push(cid)
        return node
      },
      load: async () => {},
    },
    extensions: Object.values({
      ...extensions,
      bytecode: bytecode({
        of: library =>
          compiled.has(library) ? { cid: `b-${library}`, node: compiled.get(library) } : undefined,
        tell: (cid, why) => told.push(`${cid}: ${why}`),
      }),
    }),
  })
  return { core, asked }
}

const through = (node: LibraryNode, cid: string): BytecodeNode =>
  readNode(encodeNode(bytecodeOf(node, new Link(cid)))) as BytecodeNode

const outcome = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    return show(await run())
  } catch (error) {
    return `error: ${(error as { code?: string }).code} ${(error as Error).message}`
  }
}

const bothWays = async (nodes: ReadonlyMap<string, Node>, form: Value): Promise<[string, string]> => {
  const compiled = new Map<string, Node>()
  for (const [cid, node] of nodes) if (node.kind === 'library') compiled.set(cid, through(node, cid))
  const source = coreOf(nodes, new Map())
  const code = coreOf(nodes, compiled)
  const results: [string, string] = [
    await outcome(() => source.core.evaluate(form)),
    await outcome(() => code.core.evaluate(form)),
  ]
  expect(code.asked).toEqual([])
  return results
}

const placeholder = 'bafyreia3c2y56u4luew4h6l63o4fzktqkdkgyfebgquq725ib6bdnsb5xe'

describe('a library by its bytecode', () => {
  const name = fc.constantFrom('d0', 'd1', 'd2', 'x', 'y')
  const { form } = fc.letrec<{ form: string; fn: string }>(tie => ({
    form: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.integer({ min: -5, max: 5 }).map(String),
      name,
      fc.constantFrom('"t"', ':k', 'nil', 'true', '\'(a :b "c")', '1/2', '#\\a'),
      fc
        .tuple(fc.constantFrom('+', '*', '<', 'list', 'str', '='), tie('form'), tie('form'))
        .map(([f, a, b]) => `(${f} ${a} ${b})`),
      fc.tuple(tie('form'), tie('form'), tie('form')).map(([a, b, c]) => `(if ${a} ${b} ${c})`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(let ((x ${a})) ${b})`),
      fc.tuple(tie('fn'), tie('form')).map(([f, a]) => `(${f} ${a})`),
      fc.tuple(tie('fn'), tie('form')).map(([f, a]) => `(map ${f} (list ${a} 2))`),
      fc.tuple(name, tie('form')).map(([f, a]) => `(${f} ${a})`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `{:k ${a} :long ${b}}`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(case ${a} 1 ${b} :else 2)`),
      fc.tuple(tie('form'), tie('form')).map(([a, b]) => `(guard (e (true ${a})) ${b})`),
      tie('form').map(a => `(p :class "c" ${a})`),
    ),
    fn: tie('form').map(body => `(fn (y) ${body})`),
  }))

  it('does what its source does, in libraries of any defines', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(form, form, form), async bodies => {
        const forms = readOne(
          `(${bodies.map((body, i) => `(define d${i} (fn (x) (let ((y 1)) ${body})))`).join(' ')} (define it (d0 1)))`,
        ) as List
        const node: LibraryNode = { kind: 'library', name: 'l', exports: ['d0', 'it'], imports: [], forms }
        const [source, code] = await bothWays(new Map([[placeholder, node]]), [
          readOne('list') as Value,
          new ExportLink(placeholder, 'it'),
          [new ExportLink(placeholder, 'd1'), 2],
        ])
        expect(code).toBe(source)
      }),
      { numRuns: 300 },
    ))

  const build = (sources: Readonly<Record<string, string>>): ReadonlyMap<string, Node> => {
    const runtime = createRuntime({
      definitions: { find: () => undefined, load: async () => {} },
      names: ref => graph.node(ref) as GroupedNode | undefined,
    })
    const graph = createGraph({ sha256, callMacro: runtime.callMacro, contentId })
    const set = Object.entries(sources).map(([path, text]) => ({ path, source: read(text, path) }))
    const { blocks, errors } = graph.update({ set })
    expect(errors).toEqual([])
    return new Map(blocks.map(({ cid, bytes }) => [cid, decodeNode(bytes)]))
  }

  it('has the same functions in the example’s libraries', async () => {
    const folder = new URL('../../examples/rose-ash/src/lib/', import.meta.url)
    const files = readdirSync(folder).filter(file => file.endsWith('.sx') && file !== 'search.sx')
    const nodes = build(
      Object.fromEntries(files.map(file => [file, readFileSync(new URL(file, folder), 'utf8')])),
    )
    const calls: Readonly<Record<string, string>> = {
      'rose/calendar': '(weeks 2028 2)',
      'rose/text': '(list "a" "b" "c")',
      'rose/money': '420',
    }
    for (const [cid, node] of nodes) {
      if (node.kind !== 'library') continue
      for (const exported of node.exports) {
        const given = readOne(
          exported === 'weeks'
            ? '(2028 2)'
            : exported === 'pounds'
              ? '(420)'
              : calls[node.name]
                ? '("2026-05-01")'
                : '("a")',
        ) as List
        const [source, code] = await bothWays(nodes, [new ExportLink(cid, exported), ...given])
        expect(code, exported).toBe(source)
      }
    }
  })

  it('renders as its source does', async () => {
    const nodes = build({
      'a.sx':
        '(define-library (a) (export tile) (begin (define (tile t) (li :class "t" (row t) (when t (b t)))) (define (row n) (map (fn (i) (i n)) (range 2)))))'.replace(
          '(i n)',
          '(em i)',
        ),
    })
    const [[cid, node]] = nodes as unknown as [[string, LibraryNode]]
    const render = async (compiled: ReadonlyMap<string, Node>): Promise<string> => {
      const sink = createHtmlSink()
      await coreOf(nodes, compiled).core.renderTo(sink, [
        readOne('ul') as Value,
        [readOne('map') as Value, new ExportLink(cid, 'tile'), readOne('(list "x" nil)')],
      ])
      return sink.take()
    }
    const html = await render(new Map())
    expect(html).toBe(
      '<ul><li class="t"><em>0</em><em>1</em><b>x</b></li><li class="t"><em>0</em><em>1</em></li></ul>',
    )
    expect(await render(new Map([[cid, through(node, cid)]]))).toBe(html)
  })

  it('is what the language’s own examples of libraries say', async () => {
    const shown = examplesOf(languageDoc).filter(
      ({ expanded }) =>
        expanded &&
        Object.values(expanded.blocks).some(hex => decodeNode(Buffer.from(hex, 'hex')).kind === 'library'),
    )
    expect(shown.length).toBeGreaterThan(0)
    for (const { expanded, expected } of shown) {
      const nodes = new Map(
        Object.entries(expanded!.blocks).map(([cid, hex]) => [cid, decodeNode(Buffer.from(hex, 'hex'))]),
      )
      const [source, code] = await bothWays(nodes, readOne(expanded!.form))
      expect([source, code]).toEqual([expected, expected])
    }
  })
})

describe('bytecode that can’t be used', () => {
  const source: LibraryNode = {
    kind: 'library',
    name: 'l',
    exports: ['it'],
    imports: [],
    forms: readOne('((define it (fn (x) (+ x part))) (define part 40))') as List,
  }
  const good = through(source, placeholder)
  it.each([
    ['of another compiler', { ...good, compiler: BYTECODE + 1 }, /compiler 2 made it/],
    ['of another library', { ...good, source: new Link('bafyreib') }, /not bytecode of that library/],
    ['that is another node', source, /not bytecode of that library/],
    ['cut short', { ...good, code: good.code.slice(0, 3) }, /segment beyond its end/],
    [
      'with a constant too few',
      { ...good, constants: good.constants.slice(0, 2) },
      /constant that is not there/,
    ],
  ] as [string, Node, RegExp][])(
    '%s is passed over for the source, and told of once',
    async (_what, node, why) => {
      const told: string[] = []
      const { core } = coreOf(new Map([[placeholder, source]]), new Map([[placeholder, node]]), told)
      expect(await core.evaluate([new ExportLink(placeholder, 'it'), 2])).toBe(42)
      expect(told).toEqual([expect.stringMatching(why)])
    },
  )

  it('that lacks a define takes that one from the source', async () => {
    const less = { ...good, names: ['other', 'part'] }
    const { core } = coreOf(new Map([[placeholder, source]]), new Map([[placeholder, less]]))
    expect(await core.evaluate([new ExportLink(placeholder, 'it'), 2])).toBe(42)
  })
})
