// The shape of compiled code: a tree of closures over environments with resolved slots.
import { SxError } from '../errors.ts'
import type { Cell } from './cell.ts'
import type { Machine } from './machine.ts'

/** `[parent, slot 1, slot 2, …]`. A root is `[null, where, …]`: `where` names the definition, for messages. */
export type Env = unknown[]

/**
 * Runs in an environment with `d` frames pending, and gives a value, or GO when it goes on at `m.code`. Markup writes
 * into the machine's sink; its value is of no interest.
 *
 * Levels: 0 never gives GO; 1 reads definitions, gives GO when one isn't there yet, and may be run twice; 2 may do
 * anything. What calls code above level 0 and has more to do afterwards: see `Machine.finish`.
 */
export interface Code {
  (env: Env, m: Machine, d: number): unknown
  level?: 0 | 1 | 2
  /** it gives what is in a slot of an environment further out */
  at?: readonly [up: number, slot: number, late?: boolean]
  /** it gives this */
  value?: unknown
  /** it renders what this gives */
  shows?: Code
  /** it reads this cell */
  cell?: Cell
  /** reads no signal: a constant, a variable, a definition, a function made */
  still?: boolean
  /** the same for a caller that has more to do: see `now` */
  now?: Code
}

export const code = (level: 0 | 1 | 2, f: (env: Env, m: Machine, d: number) => unknown): Code => {
  const c = f as Code
  c.level = level
  return c
}

export const levelOf = (codes: readonly Code[]): 0 | 1 | 2 =>
  Math.max(0, ...codes.map(c => c.level!)) as 0 | 1 | 2

/** Code that runs as the machine's own step: what is pending stands in `m.k`, all of it, and it may push frames there. */
export const step = (f: (env: Env, m: Machine) => unknown): Code => code(2, (env, m) => m.step(f, env))

/** Code that is made when it is first run, where JavaScript's stack is empty. */
export const lazily = (make: () => Code): Code => {
  let made: Code | undefined
  const first: Code = (env, m, d) => (made ??= make())(env, m, d)
  return code(2, (env, m, d) => (made ? made(env, m, d) : m.step(first, env)))
}

/** Marks code that reads no signal. */
export const still = (c: Code): Code => {
  c.still = true
  return c
}

export const constant = (value: unknown): Code => {
  const c = still(code(0, () => value))
  c.value = value
  return c
}

export const unbound = (name: string): Code =>
  code(0, () => {
    throw new SxError('eval-unbound', `${name} means nothing here`, { name })
  })

/** Names of one environment in order of slots; `late`: letrec, a slot may be read before it has a value. */
export interface Scope {
  readonly names: readonly string[]
  readonly parent: Scope | undefined
  readonly late?: boolean
  readonly home: Home
}

/** Where a form stands: what its free names and member references mean. */
export interface Home {
  readonly id: string
  /** CID of the group that member references count in */
  readonly group?: string
  /** what a library's own names mean inside it */
  readonly own?: (name: string) => Code | undefined
}
