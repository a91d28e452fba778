// How an error leaves the machine on a server and in a build: as an SxError that says where it happened and what to do.
import { SxError } from '../errors.ts'
import type { Env } from './code.ts'
import { hintFor } from './hints.ts'
import type { Machine, OnRaise } from './machine.ts'

/** The call stack's definitions, innermost first: an environment's root says where its code stands. */
export const trace = (m: Machine): string[] => {
  const found: string[] = []
  const see = (env: Env): void => {
    let e = env
    while (e[0]) e = e[0] as Env
    const id = e[1]
    if (typeof id === 'string' && id !== '' && found.at(-1) !== id) found.push(id)
  }
  if (m.env) see(m.env)
  for (let k = m.k, i = 0; k !== undefined && i < 500 && found.length < 8; k = k.n, i++) if (k.e) see(k.e)
  return found
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
