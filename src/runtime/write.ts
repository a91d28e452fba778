// Values as markup: what text, numbers, lists and lazy markup become in the tree.
import { Char, Keyword, Ratio, Sym } from '../lang/values.ts'
import { type Code, code, type Env } from './code.ts'
import { Frame, GO, type Machine, type Resume } from './machine.ts'
import { fail, Markup, Raw, Signal, typeOf } from './values.ts'

export const nothing: Code = Object.assign(
  code(0, () => undefined),
  { fixed: true },
)

/** Text of a value that is text, '' for nil and booleans, undefined for anything else. */
export const textOf = (v: unknown): string | undefined => {
  if (typeof v === 'string') return v
  if (typeof v === 'number') return String(v)
  if (v === null || v === undefined || typeof v === 'boolean') return ''
  if (v instanceof Keyword || v instanceof Sym) return v.name
  if (v instanceof Char) return v.text
  return v instanceof Ratio ? `${v.num}/${v.den}` : undefined
}

/** Level 0 markup: writes, or gives GO and leaves the frames it needs in m.pending. */
export const renderValue = (v: unknown, m: Machine): unknown => {
  const text = textOf(v)
  if (text !== undefined) {
    if (text !== '') m.sink.text(text)
    return undefined
  }
  if (v instanceof Markup) return m.go(v.code, v.env)
  if (Array.isArray(v)) return items(v, 0, m)
  if (v instanceof Raw) return m.sink.raw(v.html, m.ns)
  if (v instanceof Signal) return renderValue(v.v, m)
  return fail(
    `a ${typeOf(v)} can't be rendered`,
    typeOf(v) === 'dict' ? 'Render its values, or json-encode it.' : undefined,
  )
}

const items = (list: readonly unknown[], from: number, m: Machine): unknown => {
  for (let i = from; i < list.length; i++) {
    const item = list[i]
    // A list in a list goes through the machine: nesting must not use JavaScript's stack.
    if ((Array.isArray(item) ? m.go(nested, [item]) : renderValue(item, m)) === GO) {
      m.pending.push(new Frame(rest, [null], list, i + 1, undefined))
      return GO
    }
  }
  return undefined
}

const rest: Resume = (_v, k, m) => (items(k.x as unknown[], k.y, m) === GO ? m.link() : undefined)

const nested: Code = code(2, (env, m) => (items(env[0] as unknown[], 0, m) === GO ? m.link() : undefined))

/** The same, as the last thing of a machine's step. */
export const renderIn = (v: unknown, _env: Env, m: Machine): unknown =>
  renderValue(v, m) === GO ? m.link() : undefined
