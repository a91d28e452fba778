// The shape of compiled code: a tree of closures over environments with resolved slots.
import { SxError } from '../errors.ts'
import type { Machine } from './machine.ts'

/** `[parent, slot 1, slot 2, …]`. A root is `[null, where, …]`: `where` names the definition, for messages. */
export type Env = unknown[]

/**
 * Runs in an environment and gives a value, or GO when the machine has to go on at `m.code`. Markup writes into the
 * machine's sink; its value is of no interest.
 *
 * Levels: 0 can't need a definition that isn't there, and as a value never gives GO;
 * 1 may throw Need, before it has changed anything, when a definition isn't there yet, and is then run again;
 * 2 may do anything a machine's step may do: push frames, and change something as the last thing of the step.
 *
 * Markup of level 0 may push frames and give GO too. What calls it and has more to do pushes its own frame first, and
 * takes it back when no GO comes. Markup of a higher level begins with a step of its own: see `write`.
 */
export interface Code {
  (env: Env, m: Machine): unknown
  level?: 0 | 1 | 2
}

export const code = (level: 0 | 1 | 2, f: (env: Env, m: Machine) => unknown): Code => {
  const c = f as Code
  c.level = level
  return c
}

export const levelOf = (codes: readonly Code[]): 0 | 1 | 2 =>
  Math.max(0, ...codes.map(c => c.level!)) as 0 | 1 | 2

export const constant = (value: unknown): Code => code(0, () => value)

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
