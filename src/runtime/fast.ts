// Shorter ways to do the same, for a server and a build: an operation, its operands, the test of an `if` and a call are one
// function where the tree has one for each. What they come to is what the tree comes to; whatever isn't expected goes there.
import { type Code, code, type Env, levelOf } from './code.ts'
import type { Fast } from './compile.ts'
import { template } from './html-template.ts'
import { GO, type Machine, now, type Resume } from './machine.ts'
import { finite } from './primitives/rare-numbers.ts'
import { stringOf } from './primitives/strings.ts'
import { Fn, made } from './values.ts'

type Op = (x: unknown, y: unknown) => unknown
type Run = (env: Env, m: Machine, d: number) => unknown

const CODE = 0
const SLOT = 1
const OUTER = 2
const CONSTANT = 3
const SUM = 4

/** Simple code that is read without a call: a variable, a constant, a variable and a number added. */
interface Leaf {
  readonly kind: number
  readonly slot: number
  readonly value: unknown
  readonly code: Code
}

const leaves = new WeakMap<Code, Leaf>()

const leafOf = (c: Code): Leaf => {
  let leaf = leaves.get(c)
  if (leaf === undefined) {
    const [up = 2, slot = 0] = c.at ?? []
    const kind = 'value' in c ? CONSTANT : up === 0 ? SLOT : up === 1 ? OUTER : CODE
    leaf = { kind, slot, value: c.value, code: c }
    leaves.set(c, leaf)
  }
  return leaf
}

const get = (leaf: Leaf, env: Env, m: Machine, d: number): unknown => {
  if (leaf.kind === SLOT) {
    const v = env[leaf.slot]
    if (v !== undefined) return v
  } else if (leaf.kind === CONSTANT) return leaf.value
  else if (leaf.kind === SUM) {
    const v = env[leaf.slot]
    if (typeof v === 'number') return finite(v + (leaf.value as number))
  } else if (leaf.kind === OUTER) {
    const v = (env[0] as Env)[leaf.slot]
    if (v !== undefined) return v
  }
  return leaf.code(env, m, d)
}

/** An operation of two values, and, where most code does it most of the time, of two simple operands. */
interface Row {
  readonly op: (slow: Op) => Op
  readonly simple?: (a: Leaf, b: Leaf, slow: Op) => Run
}

const rows: Readonly<Record<string, Row>> = {
  '+': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x + y) : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = get(a, env, m, d)
      const y = get(b, env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? finite(x + y) : slow(x, y)
    },
  },
  '-': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x - y) : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = get(a, env, m, d)
      const y = get(b, env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? finite(x - y) : slow(x, y)
    },
  },
  '*': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x * y) : slow(x, y)),
  },
  mod: {
    op: slow => (x, y) =>
      typeof x === 'number' && typeof y === 'number' && x > 0 && y > 0 ? x % y : slow(x, y),
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

const two = (a: Code, b: Code, op: Op): Code => {
  const first = now(a)
  const second = now(b)
  const then = (x: unknown, env: Env, m: Machine, d: number): unknown => {
    const y = second(env, m, d + 1)
    return y === GO ? m.save(gotSecond, env, x) : op(x, y)
  }
  const gotFirst: Resume = (x, k, m, d) => then(x, k.e, m, d)
  const gotSecond: Resume = (y, k) => op(k.x, y)
  return code(levelOf([a, b]), (env, m, d) => {
    const x = first(env, m, d + 1)
    return x === GO ? m.save(gotFirst, env) : then(x, env, m, d)
  })
}

/** The text of several simple operands. */
const joining = (codes: readonly Code[]): Code => {
  const all = codes.map(leafOf)
  return code(0, (env, m, d) => {
    let s = ''
    for (const leaf of all) {
      const v = get(leaf, env, m, d)
      s += typeof v === 'string' || typeof v === 'number' ? v : stringOf(v)
    }
    return made(s)
  })
}

export const fast: Fast = {
  element: template,

  primitive({ name, fn }, codes) {
    const level = levelOf(codes)
    if (name === 'str' && level === 0) return joining(codes)
    if (codes.length !== 2) return undefined
    const [one, other] = codes as [Code, Code]
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined
    const slow = fn as unknown as Op
    const op = row?.op(slow) ?? slow
    if (level > 0) return two(one, other, op)
    const a = leafOf(one)
    const b = leafOf(other)
    const c = code(0, row?.simple?.(a, b, slow) ?? ((env, m, d) => op(get(a, env, m, d), get(b, env, m, d))))
    const which = comparisons.get(name)
    if (which !== undefined) tests.set(c, { which, a, b, slow })
    else if (
      (name === '+' || name === '-') &&
      a.kind === SLOT &&
      b.kind === CONSTANT &&
      typeof b.value === 'number'
    )
      leaves.set(c, { kind: SUM, slot: a.slot, value: name === '+' ? b.value : -b.value, code: c })
    return c
  },

  choose(test, yes, no) {
    const comparison = tests.get(test)
    if (comparison === undefined) return undefined
    const { which, a, b, slow } = comparison
    const [then, otherwise] = [leafOf(yes), leafOf(no)]
    return code(levelOf([yes, no]), (env, m, d) => {
      const x = get(a, env, m, d)
      const y = get(b, env, m, d)
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
      return get(holds ? then : otherwise, env, m, d)
    })
  },

  call(head, codes, c) {
    const n = codes.length
    const { cell } = head
    // What gives way has begun something: it can't be asked twice.
    if ((head.level !== 0 && !cell) || levelOf(codes) > 0) return c
    const whole = now(c)
    const named = leafOf(head)
    const all = codes.map(leafOf)
    const [a, b] = all as [Leaf, Leaf]
    const calls =
      (isTail: boolean): Code =>
      (env, m, d) => {
        const f = cell ? cell.v : get(named, env, m, d)
        if (!(f instanceof Fn && f.s.n === n)) return isTail ? c(env, m, d) : whole(env, m, d)
        const e =
          n === 1
            ? [f.e, get(a, env, m, d)]
            : n === 2
              ? [f.e, get(a, env, m, d), get(b, env, m, d)]
              : [f.e, ...all.map(leaf => get(leaf, env, m, d))]
        if (isTail) return m.go(f.s.code, e)
        if (++m.steps > m.check) m.tick()
        const { code } = f.s
        if (d > m.top) m.step(code, e)
        else {
          const v = m.turn(code, e, env, d)
          if (v !== GO) return v
        }
        return m.finish(env, d)
      }
    const quick = code(2, calls(true))
    quick.now = calls(false)
    return quick
  },
}
