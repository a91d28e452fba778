// Shorter ways to do the same, for a server and a build: an operation, its operands, the test of an `if` and a call are one
// function where the tree has one for each. What they come to is what the tree comes to; whatever isn't expected goes there.
//
// What is written here is written for the compiler of V8. A function of which there are many closures reaches a name of its
// module by five loads, each waiting for the one before; a method by none: so simple operands and calls are objects with
// methods, GO is told by its type (no value is a symbol of JavaScript's), and no function here asks another of its module.
import { type Code, code, type Env, levelOf } from './code.ts'
import type { Fast } from './compile.ts'
import { callOf, fastCall } from './fast-call.ts'
import { addsTo, CODE, CONSTANT, type Leaf, leafOf, SLOT } from './fast-leaf.ts'
import { template } from './html-template.ts'
import { GO, type Machine, now, type Resume } from './machine.ts'
import { stringOf } from './primitives/strings.ts'
import { made } from './values.ts'

type Op = (x: unknown, y: unknown) => unknown
type Run = (env: Env, m: Machine, d: number) => unknown

/** An operation of two values, and, where most code does it most of the time, of two simple operands. */
interface Row {
  readonly op: (slow: Op) => Op
  readonly simple?: (a: Leaf, b: Leaf, slow: Op) => Run
}

const rows: Readonly<Record<string, Row>> = {
  '+': {
    op: slow => (x, y) => {
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x + y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return slow(x, y)
    },
    simple: (a, b, slow) => (env, m, d) => {
      const x = a.get(env, m, d)
      const y = b.get(env, m, d)
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x + y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return slow(x, y)
    },
  },
  '-': {
    op: slow => (x, y) => {
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x - y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return slow(x, y)
    },
    simple: (a, b, slow) => (env, m, d) => {
      const x = a.get(env, m, d)
      const y = b.get(env, m, d)
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x - y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return slow(x, y)
    },
  },
  '*': {
    op: slow => (x, y) => {
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x * y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return slow(x, y)
    },
  },
  mod: {
    op: slow => (x, y) =>
      typeof x === 'number' && typeof y === 'number' && x > 0 && y > 0 ? x % y : slow(x, y),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a.get(env, m, d)
      const y = b.get(env, m, d)
      return typeof x === 'number' && typeof y === 'number' && x > 0 && y > 0 ? x % y : slow(x, y)
    },
  },
  '<': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x < y : slow(x, y)),
  },
  '>': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x > y : slow(x, y)),
  },
  '<=': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x <= y : slow(x, y)),
  },
  '>=': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x >= y : slow(x, y)),
  },
  '=': {
    op: slow => (x, y) => x === y || slow(x, y),
  },
}

/** Comparisons that an `if` makes itself. */
const comparisons = new Map([
  ['<', 0],
  ['>', 1],
  ['=', 2],
])
interface Comparison {
  readonly which: number
  readonly a: Leaf
  readonly b: Leaf
  readonly slow: Op
}
const tests = new WeakMap<Code, Comparison>()

/** An operation whose operands may do anything. */
const two = (a: Code, b: Code, op: Op, isSum: boolean): Code => {
  const first = now(a)
  const second = now(b)
  const then = (x: unknown, env: Env, m: Machine, d: number): unknown => {
    const y = second(env, m, d + 1)
    return typeof y === 'symbol' ? m.save(gotSecond, env, x) : op(x, y)
  }
  const gotFirst: Resume = (x, k, m, d) => then(x, k.e, m, d)
  const gotSecond: Resume = (y, k) => op(k.x, y)
  const callA = callOf(a)
  const callB = callOf(b)
  return code(
    levelOf([a, b]),
    callA && callB && isSum
      ? (env, m, d) => {
          const x = callA.now(env, m, d + 1)
          if (typeof x === 'symbol') return m.save(gotFirst, env)
          const y = callB.now(env, m, d + 1)
          if (typeof y === 'symbol') return m.save(gotSecond, env, x)
          if (typeof x === 'number' && typeof y === 'number') {
            const v = x + y
            if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
          }
          return op(x, y)
        }
      : (env, m, d) => {
          const x = callA ? callA.now(env, m, d + 1) : first(env, m, d + 1)
          if (typeof x === 'symbol') return m.save(gotFirst, env)
          const y = callB ? callB.now(env, m, d + 1) : second(env, m, d + 1)
          return typeof y === 'symbol' ? m.save(gotSecond, env, x) : op(x, y)
        },
  )
}

/** The text of several simple operands. */
const joining = (codes: readonly Code[]): Code => {
  const all = codes.map(leafOf)
  return code(0, (env, m, d) => {
    let s = ''
    for (const leaf of all) {
      const v = leaf.get(env, m, d)
      s += typeof v === 'string' || typeof v === 'number' ? v : stringOf(v)
    }
    return made(s)
  })
}

/** An `if` one of whose ends calls a function: where that is the one whose body this is, it goes round by itself. */
const turning = ({ which, a, b, slow }: Comparison, yes: Code, no: Code): Code => {
  const then = leafOf(yes)
  const otherwise = leafOf(no)
  const thenCall = callOf(yes)
  const otherwiseCall = callOf(no)
  const c: Code = code(2, (env, m, d) => {
    for (;;) {
      const x = a.get(env, m, d)
      const y = b.get(env, m, d)
      const holds =
        typeof x === 'number' && typeof y === 'number'
          ? which === 0
            ? x < y
            : which === 1
              ? x > y
              : x === y
          : which === 2 && x === y
            ? true
            : slow(x, y)
      const call = holds ? thenCall : otherwiseCall
      const next = call?.again(c, env, m, d)
      if (next === undefined) return (holds ? then : otherwise).get(env, m, d)
      if (++m.steps > m.check) {
        m.tick()
        if (d > m.top) {
          m.code = c
          m.env = next
          return GO
        }
      }
      env = next
    }
  })
  return c
}

export const fast: Fast = {
  element: template,
  call: (head, codes, c) =>
    // What gives way has begun something: it can't be asked twice.
    (head.level !== 0 && !head.cell) || levelOf(codes) > 0 ? c : fastCall(head, codes, c),

  primitive({ name, fn }, codes) {
    const level = levelOf(codes)
    if (name === 'str' && level === 0) return joining(codes)
    if (codes.length !== 2) return undefined
    const [one, other] = codes as [Code, Code]
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined
    const slow = fn as unknown as Op
    const op = row?.op(slow) ?? slow
    if (level > 0) return two(one, other, op, name === '+')
    const a = leafOf(one)
    const b = leafOf(other)
    const c = code(0, row?.simple?.(a, b, slow) ?? ((env, m, d) => op(a.get(env, m, d), b.get(env, m, d))))
    const which = comparisons.get(name)
    if (which !== undefined) tests.set(c, { which, a, b, slow })
    else if (
      (name === '+' || name === '-') &&
      a.kind === SLOT &&
      b.kind === CONSTANT &&
      typeof b.value === 'number'
    )
      addsTo(a.slot, name === '+' ? b.value : -b.value, c)
    return c
  },

  choose(test, yes, no) {
    const comparison = tests.get(test)
    if (comparison === undefined) return undefined
    if (callOf(yes) || callOf(no)) return turning(comparison, yes, no)
    const { which, a, b, slow } = comparison
    const then = leafOf(yes)
    const otherwise = leafOf(no)
    const level = levelOf([yes, no])
    if (a.kind === SLOT && b.kind === CONSTANT && typeof b.value === 'number' && which < 2) {
      const { slot } = a
      const { value } = b
      const isLess = which === 0
      return code(level, (env, m, d) => {
        const x = env[slot]
        const holds = typeof x === 'number' ? (isLess ? x < value : x > value) : slow(a.get(env, m, d), value)
        const arm = holds ? then : otherwise
        return arm.kind === CODE ? arm.code(env, m, d) : arm.get(env, m, d)
      })
    }
    return code(level, (env, m, d) => {
      const x = a.get(env, m, d)
      const y = b.get(env, m, d)
      const holds =
        typeof x === 'number' && typeof y === 'number'
          ? which === 0
            ? x < y
            : which === 1
              ? x > y
              : x === y
          : which === 2 && x === y
            ? true
            : slow(x, y)
      const arm = holds ? then : otherwise
      return arm.kind === CODE ? arm.code(env, m, d) : arm.get(env, m, d)
    })
  },
}
