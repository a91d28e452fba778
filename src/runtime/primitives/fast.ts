// The arithmetic that most code does most of the time, without a call.
import type { Fast } from '../compile.ts'
import { finite } from './rare-numbers.ts'

/** Two simple operands, which are nearly always plain numbers: no call, no check but of their type. */
export const fast: Readonly<Record<string, Fast>> = {
  '+': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? finite(x + y) : slow(x, y)
  },
  '-': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? finite(x - y) : slow(x, y)
  },
  '*': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? finite(x * y) : slow(x, y)
  },
  '<': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x < y : slow(x, y)
  },
  '>': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x > y : slow(x, y)
  },
  '=': (a, b, slow) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return x === y || slow(x, y)
  },
}
