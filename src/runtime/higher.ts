// Higher-order forms as values: the loop lives in frames, so that what they call may do anything and go to any depth.
import { apply } from './call.ts'
import type { FormRow } from './form.ts'
import { bindAll, type Machine, type Resume } from './machine.ts'
import { Fn, fail, Prim, show, truthy } from './values.ts'

const kinds = ['map', 'map-indexed', 'filter', 'reduce', 'some', 'every?', 'for-each'] as const
export type HigherOrder = (typeof kinds)[number]

export interface Each {
  readonly kind: HigherOrder
  readonly f: unknown
  readonly lists: readonly (readonly unknown[])[]
  readonly n: number
}

export const listOf = (v: unknown, who: string): readonly unknown[] =>
  Array.isArray(v) ? v : v === null ? [] : (fail(`${who} takes a list, not ${show(v).slice(0, 60)}`) as never)

/** `(map f xs …)` and its kin, from evaluated operands; the shortest list counts. */
export const eachOf = (kind: HigherOrder, vs: readonly unknown[]): Each => {
  const lists = vs.slice(1).map(v => listOf(v, kind))
  if (lists.length === 0) fail(`${kind} takes a function and a list`)
  return { kind, f: vs[0], lists, n: Math.min(...lists.map(list => list.length)) }
}

/** The arguments of turn i. */
export const argumentsOf = ({ kind, lists }: Each, i: number): unknown[] =>
  kind === 'map-indexed'
    ? [i, lists[0]![i]]
    : lists.length === 1
      ? [lists[0]![i]]
      : lists.map(list => list[i])

const stop = (x: Each, acc: unknown): unknown =>
  x.kind === 'some' || x.kind === 'for-each' ? null : x.kind === 'every?' ? true : acc

interface State {
  readonly x: Each
  readonly acc: unknown
}

const turns = (x: Each, start: number, from: unknown, m: Machine): unknown => {
  const { kind, f, n } = x
  let acc = from
  // A function whose body needs no frames is just called.
  const quick = f instanceof Fn && f.s.n >= 0 ? f.s.compile(false) : undefined
  const arity = kind === 'reduce' || kind === 'map-indexed' ? 2 : x.lists.length
  const body = quick?.level !== 2 && f instanceof Fn && f.s.n === arity ? quick : undefined
  const prim =
    f instanceof Prim && !f.raw && arity >= f.min && arity <= f.max
      ? (f.fn as (...vs: unknown[]) => unknown)
      : undefined
  const direct = body !== undefined || prim !== undefined
  if (direct) {
    m.count(n - start)
    // The step may be run again: what it was given stays as it was.
    if (Array.isArray(acc) && kind !== 'reduce') acc = acc.slice()
  }
  for (let i = start; i < n; i++) {
    const args = kind === 'reduce' ? [acc, x.lists[0]![i]] : argumentsOf(x, i)
    let v: unknown
    if (body) {
      args.unshift((f as Fn).e)
      v = body(args, m)
    } else if (prim) v = prim(...args)
    else {
      m.push(turn, [null], { x, acc } satisfies State, i)
      return apply(m, f, args)
    }
    if (kind === 'some' ? truthy(v) : kind === 'every?' && !truthy(v)) return v
    acc = take(x, acc, i, v)
  }
  return stop(x, acc)
}

const take = (x: Each, acc: unknown, i: number, v: unknown): unknown => {
  if (x.kind === 'reduce') return v
  if (x.kind === 'filter') {
    if (truthy(v)) (acc as unknown[]).push(x.lists[0]![i])
  } else if (x.kind === 'map' || x.kind === 'map-indexed') (acc as unknown[]).push(v)
  return acc
}

const turn: Resume = (v, k, m) => {
  const { x, acc } = k.x as State
  if (x.kind === 'some' ? truthy(v) : x.kind === 'every?' && !truthy(v)) return v
  const own = m.multi && Array.isArray(acc) && x.kind !== 'reduce' ? acc.slice() : acc
  return turns(x, k.y + 1, take(x, own, k.y, v), m)
}

const reduce = (vs: readonly unknown[], m: Machine): unknown => {
  if (vs.length === 3) return turns(eachOf('reduce', [vs[0], vs[2]]), 0, vs[1], m)
  const x = eachOf('reduce', vs)
  return x.n === 0 ? fail('reduce of an empty list needs a first value') : turns(x, 1, x.lists[0]![0], m)
}

export const higherForms: readonly FormRow[] = kinds.map(kind => [
  kind,
  (operands, scope, c) =>
    bindAll(
      operands.map(form => c.value(form, scope)),
      (vs, _env, m) => (kind === 'reduce' ? reduce(vs, m) : turns(eachOf(kind, vs), 0, [], m)),
    ),
])
