// The text of a definition with names where its node has links, and how it is called: what two roots are compared by.
import { definingWords, type GroupedNode, type Node } from '../ipld/kinds.ts'
import { pretty, print } from '../lang/printer.ts'
import {
  ExportLink,
  isDict,
  isList,
  keyword,
  Link,
  type List,
  MemberRef,
  Sym,
  sym,
  type Value,
} from '../lang/values.ts'
import { type Signature, signatureOf } from './signatures.ts'

/** A parameter's type as text; '' for none. */
export const printed = (type: Value | undefined): string =>
  type === undefined ? '' : type instanceof Sym ? type.name : print(type).replace(/^:/, '')

/** What a reference is called in its root. */
export interface Called {
  readonly link: (cid: string) => string
  readonly member: (index: number) => string
}

const named = (form: Value, called: Called): Value => {
  if (form instanceof Link) return sym(called.link(form.cid))
  if (form instanceof ExportLink) return sym(form.export)
  if (form instanceof MemberRef) return sym(called.member(form.index))
  if (isList(form)) return form.map(one => named(one, called))
  if (isDict(form)) return new Map([...form].map(([key, value]) => [key, named(value, called)]))
  return form
}

const definition = (node: GroupedNode, name: string): Value => {
  if (node.kind === 'value') return [sym('define'), sym(name), node.body]
  const effects = 'effects' in node ? [keyword('effects'), node.effects.map(effect => sym(effect))] : []
  return [sym(definingWords[node.kind]), sym(name), node.params, ...effects, ...node.body]
}

/** `member`: the definition that a member node stands for. */
export const diffText = (
  node: Node,
  name: string,
  member: GroupedNode | undefined,
  called: Called,
): string => {
  const forms = ((): readonly Value[] => {
    switch (node.kind) {
      case 'member':
        return member === undefined ? [] : [definition(member, name)]
      case 'library':
        return [[sym('export'), ...node.exports.map(one => sym(one))], ...(node.forms as List)]
      case 'wasm':
        return [[sym('wasm'), node.bytes.cid, node.size]]
      case 'page':
        return [
          [sym('defpage'), keyword('path'), node.path, keyword('content'), node.body, node.meta as Value],
        ]
      case 'group':
      case 'bytecode':
      case 'closure':
      case 'site':
      case 'release':
        return []
      default:
        return [definition(node, name)]
    }
  })()
  return forms.map(form => `${pretty(named(form, called), 80)}\n`).join('')
}

/** How a definition is called. */
export const diffSignature = (node: Node, name: string): Signature | undefined => {
  if (node.kind === 'component' || node.kind === 'island') return signatureOf(name, node.params, undefined)
  if (node.kind !== 'value' || !isList(node.body)) return undefined
  const [head, params] = node.body
  return head instanceof Sym && head.name === 'fn' ? signatureOf(name, params, undefined) : undefined
}
