// How an error leaves the machine on a server and in a build: as an SxError that says where it happened and what to do.
import { SxError } from '../errors.ts'
import type { Code, Env } from './code.ts'
import { hintFor } from './hints.ts'
import { type Limits, Machine, type OnRaise } from './machine.ts'

/** A machine that remembers what an error takes from JavaScript's stack. */
export class Traced extends Machine {
  /** environments of what ran, and of what was pending, innermost first: of the error that is on its way */
  readonly lost: Env[] = []

  constructor(limits: Limits, onRaise: OnRaise) {
    super(limits, (m, error) => {
      try {
        return onRaise(m, error)
      } finally {
        this.lost.length = 0
      }
    })
  }

  override turn(c: Code, e: Env, env: Env, d: number): unknown {
    try {
      return c(e, this, d)
    } catch (error) {
      if (this.lost.length === 0) this.lost.push(e)
      this.lost.push(env)
      throw error
    }
  }
}

/** The call stack's definitions, innermost first: an environment's root says where its code stands. */
const trace = (m: Machine): string[] => {
  const found: string[] = []
  const see = (env: Env): void => {
    let e = env
    while (e[0]) e = e[0] as Env
    const id = e[1]
    if (typeof id === 'string' && id !== '' && found.at(-1) !== id) found.push(id)
  }
  for (const env of m instanceof Traced && m.lost.length > 0 ? m.lost : [m.env]) see(env)
  for (let { k } = m; k !== undefined && found.length < 8; k = k.n) see(k.e)
  return found.slice(0, 8)
}

/** Puts where it happened, and what to do about it, into an error, once. */
const located = (error: SxError, m: Machine): SxError => {
  if ('trace' in error.detail) return error
  const at = trace(m)
  const hint = hintFor(error.message)
  const detail = {
    ...error.detail,
    ...(hint && !error.detail.hint ? { hint } : {}),
    ...(at.length > 0 ? { definition: at[0], trace: at } : {}),
  }
  return new SxError(error.code, error.message, detail, error.cause)
}

export const uncaught: OnRaise = (m, thrown) => {
  if (m.nested > 0) throw thrown
  let error = thrown
  if (error instanceof RangeError)
    error = new SxError('eval-limit', 'evaluation passed the limits of memory', {}, thrown)
  else if (!(error instanceof SxError))
    error = new SxError(
      'eval-failed',
      thrown instanceof Error ? thrown.message : 'evaluation failed',
      {},
      thrown,
    )
  throw located(error as SxError, m)
}
