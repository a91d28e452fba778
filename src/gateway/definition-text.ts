// A stored node as SX text: its instantiated form, the kind's own `def…` around it, links as `@h:<cid>`.
import { SxError } from '../errors.ts'
import { BYTECODE, bytecodeOf } from '../ipld/bytecode.ts'
import { encodeNode } from '../ipld/encode.ts'
import {
  type BytecodeNode,
  definingWords,
  type GroupedNode,
  type Node,
  type WasmPort,
} from '../ipld/kinds.ts'
import { isSymbolName } from '../lang/names.ts'
import { pretty } from '../lang/printer.ts'
import { readOne } from '../lang/reader.ts'
import {
  ExportLink,
  isDict,
  isList,
  keyword,
  Link,
  type List,
  type Sym,
  sym,
  type Value,
} from '../lang/values.ts'

/** One printed form, and what is told of it in comment lines above. */
export interface Told {
  readonly notes: readonly string[]
  readonly form: Value
}

/**
 * The forms that a node stands for; a `member` as its group has it. `name`, when given, is written where an author
 * would (it is no part of the node). Throws 'block-not-found' or 'block-malformed' for a member without its group.
 */
export function formsOf(
  node: Node,
  loadNode: (cid: string) => Node | undefined,
  name?: string,
): readonly Told[] {
  switch (node.kind) {
    case 'group':
      return node.members.map((member, i) => ({
        ...one(member, undefined),
        notes: [`member ${i}, @m:${i} below`],
      }))
    case 'member': {
      const group = loadNode(node.group.cid)
      if (group === undefined) throw new SxError('block-not-found', `the group ${node.group.cid} is not here`)
      const member = group.kind === 'group' ? group.members[node.index] : undefined
      if (member === undefined)
        throw new SxError('block-malformed', `${node.group.cid} has no member ${node.index}`)
      const told = one(member, name)
      return [
        { form: told.form, notes: [`member ${node.index} of the group @h:${node.group.cid}`, ...told.notes] },
      ]
    }
    case 'library':
      return [
        {
          notes: [],
          form: [
            sym('define-library'),
            libraryName(node.name),
            [sym('export'), ...node.exports.map(sym)],
            ...(node.imports.length === 0 ? [] : [[sym('import'), ...node.imports]]),
            [sym('begin'), ...node.forms],
          ],
        },
      ]
    case 'wasm':
      return [
        {
          notes: [`${node.size} bytes of WebAssembly`],
          form: [
            sym('wasm'),
            node.bytes,
            keyword('imports'),
            node.imports.map(port => `${port.module ?? ''}.${portText(port)}`),
            keyword('exports'),
            node.exports.map(portText),
          ],
        },
      ]
    case 'bytecode':
      return [
        {
          notes: [`${node.code.length} bytes of code, ${recompiled(node, loadNode)}`],
          form: [
            sym('bytecode'),
            keyword('compiler'),
            node.compiler,
            keyword('source'),
            node.source,
            keyword('defines'),
            node.names.map(sym),
            keyword('constants'),
            node.constants,
          ],
        },
      ]
    case 'page':
      return [
        {
          notes: [],
          form: [
            sym('defpage'),
            ...symbols(name),
            keyword('path'),
            node.path,
            ...[...node.meta].flatMap(([key, value]) => [keyword(key), value]),
            keyword('content'),
            node.body,
          ],
        },
      ]
    case 'closure':
      return [{ notes: [], form: [sym('closure'), ...(node.links ?? node.parts ?? [])] }]
    case 'site':
      return [
        {
          notes: [],
          form: [
            sym('site'),
            ...pairs({
              title: node.title,
              names: node.names,
              exports: node.exports,
              pages: node.pages,
              annotations: node.annotations,
              files: node.files,
            }),
            ...pairs(node.boot),
            keyword('modules'),
            new Map<string, Value>(node.modules),
          ],
        },
      ]
    case 'release':
      return [
        {
          notes: [
            `signed by its publisher${node.handover === undefined ? '' : ', and by the one before'}: sx verify looks at that`,
          ],
          form: [
            sym('release'),
            ...pairs({
              sequence: node.sequence,
              time: node.time,
              root: node.root,
              publisher: node.publisher,
              ...(node.previous !== undefined && { previous: node.previous }),
              patches: node.patches,
            }),
          ],
        },
      ]
    default:
      return [one(node, name)]
  }
}

/** Bytecode is what its source compiles to, or it is not to be believed. */
function recompiled(node: BytecodeNode, loadNode: (cid: string) => Node | undefined): string {
  const source = loadNode(node.source.cid)
  if (source === undefined) return 'its source is not here'
  if (source.kind !== 'library') return 'its source is no library'
  if (node.compiler !== BYTECODE) return `of compiler ${node.compiler}, which is not this one`
  const again = encodeNode(bytecodeOf(source, node.source))
  const same = Buffer.compare(again, encodeNode(node)) === 0
  return same ? 'what its source compiles to' : 'NOT what its source compiles to: it may do anything else'
}

/** `rank: function (i32 i32) → (i64)` */
const portText = ({ name, type, params, results }: WasmPort): string =>
  `${name}: ${type}${params === undefined ? '' : ` (${params.join(' ')}) → (${(results ?? []).join(' ')})`}`

function one(node: GroupedNode, name: string | undefined): Told {
  const named = symbols(name)
  // a value is its expression: `define` without a name would be no form of the language
  if (node.kind === 'value')
    return { notes: [], form: named.length === 0 ? node.body : [sym('define'), ...named, node.body] }
  const effects = 'effects' in node ? [keyword('effects'), node.effects.map(sym)] : []
  const notes =
    node.kind === 'macro'
      ? [...node.refs].map(([word, ref]) => `${word} in its templates is ${pretty(ref)}`)
      : []
  return { notes, form: [sym(definingWords[node.kind]), ...named, node.params, ...effects, ...node.body] }
}

/** A name that can stand as a symbol, else nothing. */
const symbols = (name: string | undefined): readonly Sym[] =>
  name !== undefined && isSymbolName(name) ? [sym(name)] : []

/** `(rose text)` as it was written; a name that came from a path may be any text. */
function libraryName(name: string): Value {
  try {
    return readOne(name)
  } catch {
    return name
  }
}

const pairs = (fields: Readonly<Record<string, Value>>): List =>
  Object.entries(fields).flatMap(([key, value]) => [keyword(key), value])

/** Comment lines and pretty-printed forms, 80 columns. */
export const textOf = (told: readonly Told[], width = 80): string =>
  told
    .map(({ notes, form }) => notes.map(note => `; ${note}\n`).join('') + pretty(form, width) + '\n')
    .join('\n')

/**
 * The same forms with another value in each link's place; an export is told apart by its name. Depth is bounded by
 * the decoder.
 */
export function replaceLinks(form: Value, to: (cid: string, exported: string | undefined) => Value): Value {
  if (form instanceof Link) return to(form.cid, undefined)
  if (form instanceof ExportLink) return to(form.cid, form.export)
  if (isList(form)) return form.map(item => replaceLinks(item, to))
  if (isDict(form)) return new Map([...form].map(([key, value]) => [key, replaceLinks(value, to)]))
  return form
}
