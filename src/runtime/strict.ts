// Strict mode: each call of what declares types looks at what it was given. Done to forms before they are compiled, so
// that nothing of it is in the evaluator, and no definition's CID depends on it.
import type { GroupedNode, Node } from '../ipld/kinds.ts'
import { print } from '../lang/printer.ts'
import { keywordOf, parameterName } from '../lang/shape.ts'
import { isDict, isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts'
import { fits, type OwnTypes } from './types.ts'
import { brief, fail, Prim } from './values.ts'

/** A call that fails unless the parameters hold what they declare; none where nothing is declared. */
const checksOf = (who: string, params: Value | undefined, own: OwnTypes): List => {
  if (!isList(params)) return []
  const typed: { name: Sym; shown: string; type: Value }[] = []
  let mode = ''
  for (const item of params) {
    const name = parameterName(item)
    if (name?.name === '&key' || name?.name === '&rest') mode = name.name
    else if (name !== undefined && isList(item))
      typed.push({
        name,
        shown: mode === '&key' ? `:${keywordOf(name.name)}` : keywordOf(name.name),
        type: item[2]!,
      })
  }
  if (typed.length === 0) return []
  const check = (...values: unknown[]): null => {
    for (const [i, { shown, type }] of typed.entries())
      if (!fits(type, values[i], own))
        fail(`${who} takes ${shown} as ${print(type)}, not ${brief(values[i])}`)
    return null
  }
  const prim = new Prim(who, check as never, typed.length, typed.length)
  return [[[sym('quote'), prim as unknown as Value], ...typed.map(one => one.name)]]
}

const createStrict = (own: OwnTypes) => {
  const known = new WeakMap<object, Value>()

  const within = (form: Value): Value => {
    // In a template only what is unquoted is evaluated.
    if (!isList(form)) return form
    const head = form[0] instanceof Sym ? form[0].name : ''
    return head === 'unquote' || head === 'splice-unquote'
      ? [form[0]!, ...form.slice(1).map(one => strictly(one))]
      : form.map(within)
  }

  const list = (form: List, label: string): Value => {
    const head = form[0] instanceof Sym ? form[0].name : ''
    const all = (from: number): Value[] => [
      ...form.slice(0, from),
      ...form.slice(from).map(one => strictly(one)),
    ]
    if (head === 'quote') return form
    if (head === 'quasiquote') return [form[0]!, ...form.slice(1).map(within)]
    if (head === 'fn' || head === 'lambda')
      return [form[0]!, form[1]!, ...checksOf(label, form[1], own), ...all(2).slice(2)]
    if (head !== 'define') return all(0)
    const target = form[1]!
    if (isList(target))
      return [
        form[0]!,
        target,
        ...checksOf((target[0] as Sym).name, target.slice(1), own),
        ...all(2).slice(2),
      ]
    return [
      form[0]!,
      target,
      ...form.slice(2).map(one => strictly(one, target instanceof Sym ? target.name : label)),
    ]
  }

  const strictly = (form: Value, label = 'fn'): Value => {
    if (isDict(form)) return new Map([...form].map(([key, one]) => [key, strictly(one)]))
    if (!isList(form) || form.length === 0) return form
    const found = known.get(form)
    if (found !== undefined) return found
    const made = list(form, label)
    known.set(form, made)
    return made
  }

  const nodes = new WeakMap<object, Node>()
  const make = (node: Node, label: string): Node => {
    switch (node.kind) {
      case 'component':
      case 'island':
        return {
          ...node,
          body: [...checksOf(label, node.params, own), ...node.body.map(one => strictly(one))],
        }
      case 'value':
        return { ...node, body: strictly(node.body, label) }
      case 'library':
        return { ...node, forms: node.forms.map(one => strictly(one)) }
      case 'group':
        return {
          ...node,
          members: node.members.map((member, i) => strictNode(member, `${label}#${i}`) as GroupedNode),
        }
      default:
        return node
    }
  }
  const strictNode = <T extends Node>(node: T, label: string): T => {
    let found = nodes.get(node)
    if (found === undefined) nodes.set(node, (found = make(node, label)))
    return found as T
  }
  return { form: strictly, node: strictNode }
}

/**
 * A runtime in which calls are checked: 'eval-failed' for an argument that does not fit what its parameter declares.
 * Wire text is rendered as ever.
 */
export const createStrictRuntime = (o: RuntimeOptions, own: OwnTypes): Runtime => {
  const strict = createStrict(own)
  const { find, load } = o.definitions
  const runtime = createRuntime({
    ...o,
    definitions: {
      find: cid => {
        const node = find(cid)
        return node && strict.node(node, cid)
      },
      load,
    },
    ...(o.names && {
      names: ref => {
        const node = o.names!(ref)
        return node && strict.node(node, ref.name)
      },
    }),
  })
  return {
    ...runtime,
    evaluate: (form, ...rest) => runtime.evaluate(strict.form(form), ...rest),
    evaluateSync: (form, ...rest) => runtime.evaluateSync(strict.form(form), ...rest),
    renderTo: (sink, form, ...rest) => runtime.renderTo(sink, strict.form(form), ...rest),
    renderHtml: (form, ...rest) => runtime.renderHtml(strict.form(form), ...rest),
    renderHtmlSync: (form, ...rest) => runtime.renderHtmlSync(strict.form(form), ...rest),
    streamHtml: (form, ...rest) => runtime.streamHtml(strict.form(form), ...rest),
  }
}
