// Values as markup: what text, numbers, lists and lazy markup become in the tree.
import { type Code, code } from './code.ts'
import { bind, GO, type Machine, type Resume } from './machine.ts'
import { fail, Markup, nameOf, Raw, Signal, typeOf } from './values.ts'

/** Text of a value that is text, '' for nil and booleans, undefined for anything else. */
export const textOf = (v: unknown): string | undefined =>
  typeof v === 'string'
    ? v
    : typeof v === 'number'
      ? String(v)
      : v === null || v === undefined || typeof v === 'boolean'
        ? ''
        : nameOf(v)

/** Writes, or gives GO: level 0 markup. */
export const renderValue = (v: unknown, m: Machine): unknown => {
  const text = textOf(v)
  if (text !== undefined) return text && m.sink.text(text)
  if (v instanceof Markup) return m.go(v.code, v.env)
  if (Array.isArray(v)) return items(v, 0, m)
  if (v instanceof Raw) return m.sink.raw(v.html, m.ns)
  return v instanceof Signal ? renderValue(v.v, m) : fail(`a ${typeOf(v)} can't be rendered`)
}

const items = (list: readonly unknown[], i: number, m: Machine): unknown => {
  for (; i < list.length; i++) {
    const item = list[i]
    m.push(rest, [null], list, i + 1)
    // A list in a list goes through the machine: nesting must not use JavaScript's stack.
    if ((Array.isArray(item) ? m.go(nested, [item]) : renderValue(item, m)) === GO) return GO
    m.k = m.k!.n
  }
  return
}

const rest: Resume = (_v, k, m) => items(k.x as unknown[], k.y, m)

const nested: Code = code(2, ([list], m) => items(list as unknown[], 0, m))

/** The value of `c`, rendered. */
export const rendered = (c: Code): Code => bind(c, (v, _env, m) => renderValue(v, m), c.level === 0 ? 0 : 2)

/** The same as what is done with a frame's value. */
export const renderIn: Resume = (v, _k, m) => renderValue(v, m)
