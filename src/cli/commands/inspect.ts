// sx inspect: one definition as people read it, as data, and its place in the graph.

import type { Inspected, Related } from '../../app-port.ts'
import { SxError } from '../../errors.ts'
import type { Node } from '../../ipld/kinds.ts'
import type { Value } from '../../lang/values.ts'
import { bytes, count } from '../amounts.ts'
import type { Call, Command } from '../command.ts'
import { buildTree, type TreeNode, treeLines } from '../tree.ts'
import { wholeNumber } from '../whole-number.ts'

export const run: Command = async call => {
  const { args, options, app, print } = call
  const dir = options.dir
  const found = await (await app()).inspect(args[0]!, typeof dir === 'string' ? { dir } : {})
  const as = typeof options.as === 'string' ? (options.as as View) : undefined
  // a file defines several things: one after another, as JSON one object a line
  for (const [i, one] of found.entries()) {
    if (i > 0 && !print.json) print.text('')
    await (as === undefined ? overview : views[as])(one, call)
  }
  return 0
}

type View = 'sx' | 'expanded' | 'dag-json' | 'deps' | 'dependents' | 'tree'
type Show = (one: Inspected, call: Call) => void | Promise<void>

const views = {
  sx: async (one, { print }) => {
    const text = await sxText(one)
    if (text === undefined)
      throw new SxError('not-a-definition', `${one.cid} is no definition but ${one.kind}`, {
        hint: noText(one),
      })
    print.object({ ...plain(one), sx: text })
    print.text(text)
  },
  expanded: async (one, { print }) => {
    const text = await sxText(one, namesOf(one))
    if (text === undefined)
      throw new SxError('not-a-definition', `${one.cid} is no definition but ${one.kind}`, {
        hint: noText(one),
      })
    const written = await writtenText(one)
    print.object({ ...plain(one), written, expanded: text })
    if (written === undefined)
      return print.text(`${print.style('dim', '; no macro made it another one: as written')}\n${text}`)
    print.text(
      `${print.style('dim', '; as written')}\n${written}\n${print.style('dim', '; expanded, as it is stored')}\n${text}`,
    )
  },
  'dag-json': async (one, { print }) => {
    if (one.codec !== 'dag-cbor')
      throw new SxError('not-a-definition', `${one.cid} is ${one.codec}, not dag-cbor`)
    const text = await dagJson(one.bytes)
    print.object(JSON.parse(text))
    print.text(text)
  },
  deps: (one, call) => list(one, 'dependencies', one.dependencies(), call),
  dependents: (one, call) => list(one, 'dependents', one.dependents(), call),
  tree: (one, { print, options }) => {
    const depth = wholeNumber('depth', options.depth, 8, 1000)
    const tree = buildTree(one, cid => one.dependencies(cid), { depth, lines: 5000 })
    print.object(treeObject(tree))
    const label = ({ of, again }: TreeNode): string =>
      `${print.style('bold', nameOf(of))} ${print.style('dim', `${of.kind} ${bytes(of.size)}${again ? ', as above' : ''}`)}`
    print.text(treeLines(tree, label).join('\n'))
  },
} as const satisfies Record<View, Show>

/** Everything about one, for a person: code under the names that the site has; `--as sx` has the links themselves. */
const overview: Show = async (one, { print }) => {
  const dependencies = one.dependencies()
  const dependents = one.dependents()
  if (print.json)
    return print.object({
      ...plain(one),
      sx: await sxText(one),
      dependencies: dependencies.map(plainRelated),
      dependents: dependents.map(plainRelated),
    })
  const { about } = one
  const row = (name: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : `${print.style('dim', name.padEnd(11))} ${value}\n`
  const text = await sxText(one, namesOf(one, dependencies))
  print.text(
    `${print.style('bold', one.names.join(', ') || one.kind)}\n` +
      row('kind', one.kind) +
      row('cid', one.cid) +
      row('content-id', about?.contentId) +
      row('size', `${bytes(one.size)}, ${one.codec}`) +
      row('source', about?.source) +
      row('says', about?.doc?.replace(/\n/g, `\n${' '.repeat(12)}`)) +
      row('written as', about?.call) +
      row('purity', about?.io && (about.io.length === 0 ? 'pure' : `io: ${about.io.join(', ')}`)) +
      row('uses', await names(one, dependencies)) +
      row('used by', await names(one, dependents.filter(isNoIndex))) +
      (text === undefined ? '' : `\n${text}`),
  )
}

/** CID → the name that the site has for it, of what a definition uses. */
const namesOf = (one: Inspected, dependencies = one.dependencies()): ReadonlyMap<string, string> =>
  new Map(dependencies.flatMap(of => (of.names[0] === undefined ? [] : [[of.cid, of.names[0]]])))

/** The definition before macros, laid out; undefined when none was used, or nobody knows. */
async function writtenText(one: Inspected): Promise<string | undefined> {
  const call = one.about?.call
  if (call === undefined) return undefined
  const [{ pretty }, { readOne }] = await Promise.all([
    import('../../lang/printer.ts'),
    import('../../lang/reader.ts'),
  ])
  return pretty(readOne(call))
}

/** Closures and indexes hold links to everything: nobody asks for them by name. */
const isNoIndex = ({ kind }: Related): boolean => kind !== 'closure' && kind !== 'hashmap'

/** At most a few of them on one line. */
const names = async (one: Inspected, related: readonly Related[]): Promise<string> => {
  const first = (await Promise.all(related.slice(0, 6).map(of => label(one, of)))).join(', ')
  return related.length > 6 ? `${first} and ${count(related.length - 6, 'other')}` : first
}

const nameOf = (of: Related): string => of.names[0] ?? `${of.cid.slice(0, 12)}…${of.cid.slice(-4)}`

/** A page is called by its path. */
async function label(one: Inspected, of: Related): Promise<string> {
  const bytes = of.kind === 'page' && of.names.length === 0 ? one.load(of.cid) : undefined
  if (bytes === undefined) return nameOf(of)
  const { decodeNode } = await import('../../ipld/decode.ts')
  const node = decodeNode(bytes)
  return node.kind === 'page' ? `page ${node.path}` : nameOf(of)
}

async function list(
  one: Inspected,
  what: 'dependencies' | 'dependents',
  related: readonly Related[],
  { print }: Call,
): Promise<void> {
  if (print.json) return print.object({ ...plain(one), [what]: related.map(plainRelated) })
  const shown = related.filter(isNoIndex)
  const labels = await Promise.all(shown.map(of => label(one, of)))
  const width = Math.max(0, ...labels.map(text => text.length))
  const kinds = Math.max(0, ...shown.map(of => of.kind.length))
  if (shown.length > 0)
    print.text(
      shown
        .map(
          (of, i) =>
            `${labels[i]!.padEnd(width)}  ${of.kind.padEnd(kinds)}  ${bytes(of.size).padStart(7)}  ${of.cid}\n`,
        )
        .join(''),
    )
  if (related.length === 0)
    print.note(what === 'dependencies' ? 'it uses nothing but the language itself' : 'nothing uses it')
  else if (shown.length < related.length)
    print.note(
      `and ${count(related.length - shown.length, 'index', 'indexes')} of the site: --json names them`,
    )
}

const plainRelated = ({ cid, kind, names, size }: Related): Related => ({ cid, kind, names, size })
const plain = (one: Inspected): Record<string, unknown> => ({
  ...plainRelated(one),
  codec: one.codec,
  root: one.root,
  ...one.about,
})

const treeObject = ({ of, again, cut, below }: TreeNode): Record<string, unknown> => ({
  ...plainRelated(of),
  ...(again ? { again } : {}),
  ...(cut > 0 ? { cut } : {}),
  ...(below.length > 0 ? { below: below.map(treeObject) } : {}),
})

const noText = (one: Inspected): string =>
  one.codec === 'dag-cbor' ? 'its data: --as dag-json' : 'a raw block is bytes and nothing more'

/**
 * undefined: no node of ours. With `names`, links stand under them. The printer and the decoder are loaded here: the
 * lists need neither.
 */
async function sxText(one: Inspected, names?: ReadonlyMap<string, string>): Promise<string | undefined> {
  if (one.codec !== 'dag-cbor') return undefined
  const [{ decodeNode }, { formsOf, replaceLinks, textOf }, { isSymbolName }, { ExportLink, Link, sym }] =
    await Promise.all([
      import('../../ipld/decode.ts'),
      import('../../gateway/definition-text.ts'),
      import('../../lang/names.ts'),
      import('../../lang/values.ts'),
    ])
  let node: Node
  try {
    node = decodeNode(one.bytes)
  } catch {
    return undefined
  }
  const load = (cid: string): Node | undefined => {
    const found = one.load(cid)
    return found === undefined ? undefined : decodeNode(found)
  }
  const told = formsOf(node, load, one.names[0])
  if (names === undefined) return textOf(told)
  const named = (cid: string, exported: string | undefined): Value => {
    const name = exported ?? names.get(cid)
    if (name !== undefined && isSymbolName(name)) return sym(name)
    return exported === undefined ? new Link(cid) : new ExportLink(cid, exported)
  }
  return textOf(told.map(({ notes, form }) => ({ notes, form: replaceLinks(form, named) })))
}

/** Blocks that others put here may be dag-cbor that this format has no use for, such as large integers. */
async function dagJson(block: Uint8Array): Promise<string> {
  try {
    return (await import('../../ipld/dag-json.ts')).dagJson(block)
  } catch (error) {
    if (!(error instanceof SxError) || error.code !== 'block-malformed') throw error
  }
  const [cbor, json] = await Promise.all([import('@ipld/dag-cbor'), import('@ipld/dag-json')])
  return new TextDecoder().decode(json.encode(cbor.decode(block)))
}
