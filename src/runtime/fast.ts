// The arithmetic that most code does most of the time, on plain numbers: no call, no check but of their type. Whatever
// else comes goes to the primitive itself.
import { Sym } from '../lang/values.ts'
import { type Code, code, type Env, levelOf } from './code.ts'
import type { Fast } from './compile.ts'
import { template } from './html-template.ts'
import { GO, type Machine, now, type Resume } from './machine.ts'
import { finite } from './primitives/rare-numbers.ts'
import { stringOf } from './primitives/strings.ts'
import { Fn, made } from './values.ts'

type Op = (x: unknown, y: unknown) => unknown
type Run = (env: Env, m: Machine, d: number) => unknown

/**
 * An operation of two values; for those that most code does most of the time also of simple operands, and of a variable
 * and a number, so that each is one function without calls.
 */
interface Row {
  op(slow: Op): Op
  simple?(a: Code, b: Code, slow: Op): Run
  slot?(i: number, y: number, slow: Op): Run
}

const rows: Readonly<Record<string, Row>> = {
  '+': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x + y) : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a(env, m, d)
      const y = b(env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? finite(x + y) : slow(x, y)
    },
    slot: (i, y, slow) => env => {
      const x = env[i]
      return typeof x === 'number' ? finite(x + y) : slow(x, y)
    },
  },
  '-': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x - y) : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a(env, m, d)
      const y = b(env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? finite(x - y) : slow(x, y)
    },
    slot: (i, y, slow) => env => {
      const x = env[i]
      return typeof x === 'number' ? finite(x - y) : slow(x, y)
    },
  },
  '*': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? finite(x * y) : slow(x, y)),
  },
  mod: {
    op: slow => (x, y) =>
      typeof x === 'number' && typeof y === 'number' && x >= 0 && y > 0 ? x % y : slow(x, y),
  },
  '<=': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x <= y : slow(x, y)),
  },
  '>=': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x >= y : slow(x, y)),
  },
  '<': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x < y : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a(env, m, d)
      const y = b(env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? x < y : slow(x, y)
    },
    slot: (i, y, slow) => env => {
      const x = env[i]
      return typeof x === 'number' ? x < y : slow(x, y)
    },
  },
  '>': {
    op: slow => (x, y) => (typeof x === 'number' && typeof y === 'number' ? x > y : slow(x, y)),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a(env, m, d)
      const y = b(env, m, d)
      return typeof x === 'number' && typeof y === 'number' ? x > y : slow(x, y)
    },
    slot: (i, y, slow) => env => {
      const x = env[i]
      return typeof x === 'number' ? x > y : slow(x, y)
    },
  },
  '=': {
    op: slow => (x, y) => x === y || slow(x, y),
    simple: (a, b, slow) => (env, m, d) => {
      const x = a(env, m, d)
      const y = b(env, m, d)
      return x === y || slow(x, y)
    },
    slot: (i, y, slow) => env => env[i] === y || slow(env[i], y),
  },
}

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
const joining = (codes: readonly Code[]): Code =>
  code(0, (env, m, d) => {
    let s = ''
    for (const c of codes) {
      const v = c(env, m, d)
      s += typeof v === 'string' || typeof v === 'number' ? v : stringOf(v)
    }
    return made(s)
  })

export const fast: Fast = {
  element: template,

  primitive({ name, fn }, codes, [first, y], scope) {
    if (name === 'str' && levelOf(codes) === 0) return joining(codes)
    if (codes.length !== 2) return undefined
    const [a, b] = codes as [Code, Code]
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined
    const slow = fn as unknown as Op
    if (levelOf(codes) > 0) return two(a, b, row?.op(slow) ?? slow)
    if (row === undefined) return undefined
    const slot = first instanceof Sym && !scope.late ? scope.names.lastIndexOf(first.name) + 1 : 0
    if (row.slot && slot > 0 && typeof y === 'number') return code(0, row.slot(slot, y, slow))
    if (row.simple) return code(0, row.simple(a, b, slow))
    const op = row.op(slow)
    return code(0, (env, m, d) => op(a(env, m, d), b(env, m, d)))
  },

  call(head, codes, c) {
    const n = codes.length
    if (head.level === 2 || levelOf(codes) > 0) return c
    const whole = now(c)
    const { cell } = head
    const [a, b] = codes as [Code, Code]
    const calls =
      (isTail: boolean): Code =>
      (env, m, d) => {
        const f = cell ? cell.v : head(env, m, d)
        if (!(f instanceof Fn && f.s.n === n)) return isTail ? c(env, m, d) : whole(env, m, d)
        const e =
          n === 1
            ? [f.e, a(env, m, d)]
            : n === 2
              ? [f.e, a(env, m, d), b(env, m, d)]
              : [f.e, ...codes.map(x => x(env, m, d))]
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
