// Higher-order forms: what is left of the loop can be a frame, so that what they call may do anything, to any depth.
import { isList, Keyword, type List, type Value } from '../lang/values.ts'
import { apply } from './call.ts'
import { code, type Env } from './code.ts'
import { isForm } from './compile.ts'
import type { Extension, Form, FormRow } from './form.ts'
import { bindAll, GO, type Machine, type Resume } from './machine.ts'
import { bindArgs } from './params.ts'
import type { Region } from './region.ts'
import { renderList } from './region-list.ts'
import { brief, Fn, type FnSpec, fail, made, spend, truthy } from './values.ts'
import { watchedAll } from './watched.ts'
import { rendered } from './write.ts'

type Take = (acc: unknown, v: unknown, item: unknown) => unknown

interface Kind {
  /** what was there before the first turn; undefined: the first item, as `reduce` has it */
  readonly start: unknown
  readonly take: Take
  /** ends the loop with this value */
  readonly stops?: (v: unknown) => boolean
}

const push: Take = (acc, v) => {
  ;(acc as unknown[]).push(v)
  return acc
}
const keep: Take = acc => acc
const list: Kind = { start: [], take: push }

const kinds: Readonly<Record<string, Kind>> = {
  map: list,
  'map-indexed': list,
  filter: { start: [], take: (acc, v, item) => (truthy(v) ? push(acc, item, 0) : acc) },
  reduce: { start: undefined, take: (_acc, v) => v },
  some: { start: null, take: keep, stops: truthy },
  'every?': { start: true, take: keep, stops: v => !truthy(v) },
  'for-each': { start: null, take: keep },
}

const each =
  (kind: string, asMarkup: boolean, key?: FnSpec) =>
  ([f, ...vs]: unknown[], env: Env, m: Machine, d: number, region?: Region): unknown => {
    const { start, take, stops } = kinds[kind]!
    const reduces = start === undefined
    let acc = reduces && vs.length > 1 ? vs.shift() : Array.isArray(start) ? [] : start
    const lists = vs.map((v): unknown[] =>
      Array.isArray(v) ? v : v === null ? [] : fail(`${kind} takes a list, not ${brief(v)}`),
    )
    const n = Math.min(...lists.map(l => l.length))
    if (n > 1e9) fail(`${kind} takes a list`)
    if (Array.isArray(start)) spend(n + 8)
    let first = 0
    if (acc === undefined) acc = n ? lists[0]![first++] : fail('nothing to reduce')

    const turn = (args: unknown[], m: Machine, d: number): unknown => {
      if (f instanceof Fn) return m.go(asMarkup ? f.s.markup : f.s.code, bindArgs(f.s, f.e, args))
      const calling = code(2, (env, m) => apply(m, f, args, env))
      return (asMarkup ? rendered(calling) : calling)(env, m, d)
    }
    if (region) {
      const isIndexed = kind === 'map-indexed'
      const calls = Array.from({ length: n }, (_, i) => [
        ...(isIndexed ? [i] : []),
        ...lists.map(list => list[i]),
      ])
      const keysOf =
        key &&
        ((some: readonly unknown[][], m: Machine, d: number): unknown =>
          each('map', false)(
            [new Fn(key, (f as Fn).e), ...some[0]!.map((_, i) => some.map(args => args[i]))],
            env,
            m,
            d,
          ))
      return renderList(region, { f, calls, keysOf, render: turn }, +isIndexed, m, d)
    }
    const from = (i: number, acc: unknown, m: Machine, d: number): unknown => {
      for (; i < n; i++) {
        const items = lists.length > 1 ? lists.map(l => l[i]) : [lists[0]![i]]
        let v = turn(reduces ? [acc, ...items] : kind === 'map-indexed' ? [i, ...items] : items, m, d + 1)
        if (v === GO && (v = m.finish(env, d + 1)) === GO) return m.save(next, env, acc, i)
        if (stops?.(v)) return v
        acc = take(acc, v, items[0])
      }
      return acc
    }
    const next: Resume = (v, k, m, d) => {
      if (stops?.(v)) return v
      // A frame that may be resumed again keeps its list to itself.
      const acc = m.multi && !reduces && Array.isArray(k.x) ? made([...k.x]) : k.x
      return from(k.y + 1, take(acc, v, lists[0]![k.y]), m, d)
    }
    return from(first, acc, m, d)
  }

/** The form of `:key` in what a function's body renders to: that of the element or component that it is, bound or not. */
const keyIn = (form: Value | undefined): Value | undefined => {
  if (!isList(form)) return undefined
  const at = form.findIndex(item => item instanceof Keyword && item.name === 'key')
  if (at > 0) return form[at + 1]
  const inner = isForm(form, 'let', 'let*') ? keyIn(form.at(-1)) : undefined
  return inner === undefined ? undefined : [...form.slice(0, 2), inner]
}

const form =
  (kind: string): Form =>
  (operands, scope, c, asMarkup) => {
    const codes = operands.map(operand => c.value(operand, scope))
    if (!asMarkup) return bindAll(codes, each(kind, false))
    const [f] = operands
    const key = isForm(f, 'fn', 'lambda') ? keyIn(f.at(-1)) : undefined
    return watchedAll(
      codes,
      each(kind, true, key === undefined ? undefined : c.lambda((f as List)[1]!, [key], scope, 'key')),
    )
  }

const rows = (...names: string[]): readonly FormRow[] => names.map(kind => [kind, form(kind)])

/** Those that render what their function's body renders to, item by item, and those whose value renders. */
export const loops: Extension = {
  both: rows('map', 'map-indexed', 'for-each'),
  forms: rows('filter', 'reduce', 'some', 'every?'),
}
