// Shorter ways to do the same, for a server and a build: an operation, its operands, the test of an `if` and a call are one
// function where the tree has one for each. What they come to is what the tree comes to; whatever isn't expected goes there.
//
// What is written here is written for the compiler of V8. A function of which there are many closures reaches a name of its
// module by five loads, each waiting for the one before; a method by none: so simple operands and calls are objects with
// methods, GO is told by its type (no value is a symbol of JavaScript's), and arithmetic is written out where it stands.
import { type Code, code, type Env, levelOf } from './code.ts'
import type { Fast } from './compile.ts'
import { callOf, fastCall } from './fast-call.ts'
import { addsTo, CONSTANT, type Leaf, leafOf, SLOT, worksWith } from './fast-leaf.ts'
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

class Comparison {
  private readonly which: number
  private readonly a: Leaf
  private readonly b: Leaf
  private readonly slow: Op
  /** most compare a variable with a constant */
  private readonly slot: number
  private readonly isConstant: boolean
  /** see Leaf */
  readonly lets: boolean
  constructor(which: number, a: Leaf, b: Leaf, slow: Op) {
    this.which = which
    this.a = a
    this.b = b
    this.slow = slow
    this.slot = a.kind === SLOT ? a.slot : 0
    this.isConstant = b.kind === CONSTANT
    this.lets = a.lets && b.lets
  }

  holds(env: Env, m: Machine, d: number): boolean {
    const { which, slot } = this
    const x = (slot > 0 ? env[slot] : undefined) ?? this.a.get(env, m, d)
    const y = this.isConstant ? this.b.value : this.b.get(env, m, d)
    if (typeof x === 'number' && typeof y === 'number')
      return which === 0 ? x < y : which === 1 ? x > y : x === y
    return (which === 2 && x === y) || (this.slow(x, y) as boolean)
  }
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
  // What functions that call themselves twice mostly do.
  if (callA && callB && isSum)
    return code(2, (env, m, d) => {
      const x = callA.now(env, m, d + 1)
      if (typeof x === 'symbol') return m.save(gotFirst, env)
      const y = callB.now(env, m, d + 1)
      if (typeof x === 'number' && typeof y === 'number') {
        const v = x + y
        if ((v | 0) === v || Math.abs(v) < 2 ** 53) return v
      }
      return typeof y === 'symbol' ? m.save(gotSecond, env, x) : op(x, y)
    })
  return code(levelOf([a, b]), (env, m, d) => {
    const x = callA ? callA.now(env, m, d + 1) : first(env, m, d + 1)
    if (typeof x === 'symbol') return m.save(gotFirst, env)
    const y = callB ? callB.now(env, m, d + 1) : second(env, m, d + 1)
    return typeof y === 'symbol' ? m.save(gotSecond, env, x) : op(x, y)
  })
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
const turning = (test: Comparison, yes: Code, no: Code): Code => {
  const then = leafOf(yes)
  const otherwise = leafOf(no)
  const thenCall = callOf(yes)
  const otherwiseCall = callOf(no)
  const c: Code = code(2, (env, m, d) => {
    for (;;) {
      const holds = test.holds(env, m, d)
      const next = (holds ? thenCall : otherwiseCall)?.again(c, test.lets, env, m, d)
      if (next === undefined) return (holds ? then : otherwise).run(env, m, d)
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
    if (which !== undefined) tests.set(c, new Comparison(which, a, b, slow))
    else if (
      (name === '+' || name === '-') &&
      a.kind === SLOT &&
      b.kind === CONSTANT &&
      typeof b.value === 'number'
    )
      addsTo(a.slot, name === '+' ? b.value : -b.value, c)
    else worksWith(a, b, c)
    return c
  },

  choose(c, yes, no) {
    const test = tests.get(c)
    if (test === undefined) return undefined
    if (callOf(yes) || callOf(no)) return turning(test, yes, no)
    const then = leafOf(yes)
    const otherwise = leafOf(no)
    // What ends a recursion comes first, and is simple.
    return code(levelOf([yes, no]), (env, m, d) =>
      test.holds(env, m, d) ? then.get(env, m, d) : otherwise.run(env, m, d),
    )
  },
}
