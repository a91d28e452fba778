// Values as markup: what text, numbers, lists and lazy markup become in the tree.
import { type Code, code, type Env } from './code.ts'
import { GO, type Machine, type Resume } from './machine.ts'
import { Signal } from './signal.ts'
import { fail, Markup, nameOf, Raw, typeOf } from './values.ts'
import { type Use, watched } from './watched.ts'

/** Text of a value that is text, '' for nil and booleans, undefined for anything else. */
export const textOf = (v: unknown): string | undefined =>
  typeof v === 'string'
    ? v
    : typeof v === 'number'
      ? String(v)
      : v === null || v === undefined || typeof v === 'boolean'
        ? ''
        : nameOf(v)

/** Writes, or gives GO. */
export const renderValue = (v: unknown, env: Env, m: Machine, d: number): unknown => {
  const text = textOf(v)
  if (text !== undefined) return text && m.sink.text(text)
  if (v instanceof Markup) return m.go(v.code, v.env)
  if (Array.isArray(v)) return items(v, 0, env, m, d)
  if (v instanceof Raw) return m.sink.raw(v.html, m.ns)
  return v instanceof Signal ? follow([env, v], m, d) : fail(`a ${typeOf(v)} can't be rendered`)
}

const items = (list: readonly unknown[], i: number, env: Env, m: Machine, d: number): unknown => {
  for (; i < list.length; i++) {
    const item = list[i]
    // Lists in lists are as deep as they like: see `Machine.finish`.
    const v = Array.isArray(item) ? m.go(nested, [env, item]) : renderValue(item, env, m, d + 1)
    if (v === GO && m.finish(env, d + 1) === GO) return m.save(rest, env, list, i + 1)
  }
  return
}

const rest: Resume = (_v, k, m, d) => items(k.x as unknown[], k.y, k.e, m, d)

const nested: Code = code(2, (env, m, d) => items(env[1] as unknown[], 0, env, m, d))

export const renderIt: Use = (v, env, m, d) => renderValue(v, env, m, d)

/** The value of `c`, rendered. */
export const rendered = (c: Code): Code => {
  const made = watched(c, renderIt)
  made.shows = c
  return made
}

/** What a signal is, as long as it is. */
const follow: Code = watched(
  code(0, env => (env[1] as Signal).get()),
  renderIt,
)
