// Simple code that is read without a call: a variable, a constant, a variable and a number added.
import type { Code, Env } from './code.ts'
import type { Machine } from './machine.ts'

// Kinds of leaves.
const CODE = 0
export const SLOT = 1
const OUTER = 2
export const CONSTANT = 3
const SUM = 4

/** Any code: `get` runs what isn't simple. */
export class Leaf {
  readonly kind: number
  readonly slot: number
  readonly value: unknown
  readonly code: Code
  /** nothing that it makes holds the environment */
  readonly lets: boolean
  constructor(kind: number, slot: number, value: unknown, c: Code, lets = kind !== CODE) {
    this.kind = kind
    this.slot = slot
    this.value = value
    this.code = c
    this.lets = lets
  }

  /** Where it is more likely not to be simple. */
  run(env: Env, m: Machine, d: number): unknown {
    return this.kind === CODE ? this.code(env, m, d) : this.get(env, m, d)
  }

  get(env: Env, m: Machine, d: number): unknown {
    const { kind } = this
    if (kind === SLOT) {
      const v = env[this.slot]
      if (v !== undefined) return v
    } else if (kind === CONSTANT) return this.value
    else if (kind === SUM) {
      const v = env[this.slot]
      if (typeof v === 'number') {
        const sum = v + (this.value as number)
        if ((sum | 0) === sum || Math.abs(sum) < 2 ** 53) return sum
      }
    } else if (kind === OUTER) {
      const v = (env[0] as Env)[this.slot]
      if (v !== undefined) return v
    }
    return this.code(env, m, d)
  }
}

const leaves = new WeakMap<Code, Leaf>()

export const leafOf = (c: Code): Leaf => {
  let leaf = leaves.get(c)
  if (leaf === undefined) {
    const [up = 2, slot = 0] = c.at ?? []
    leaf = new Leaf('value' in c ? CONSTANT : up === 0 ? SLOT : up === 1 ? OUTER : CODE, slot, c.value, c)
    leaves.set(c, leaf)
  }
  return leaf
}

/** `c` works with what these give, and with nothing else of the environment. */
export const worksWith = (a: Leaf, b: Leaf, c: Code): void => {
  if (a.lets && b.lets) leaves.set(c, new Leaf(CODE, 0, undefined, c, true))
}

/** `c` adds a number to what is in a slot. */
export const addsTo = (slot: number, value: number, c: Code): void => {
  leaves.set(c, new Leaf(SUM, slot, value, c))
}
