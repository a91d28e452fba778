// Host input and output: the words by which SX asks whoever runs it. Each is a primitive that suspends evaluation until
// the host has answered; what crosses is data (boundary.ts); a word without an answer is an error that names it.
import { SxError } from '../errors.ts'
import { cross } from './boundary.ts'
import { inTopLevel } from './cell.ts'
import { code } from './code.ts'
import type { Extension } from './form.ts'
import type { Lookup } from './lookup.ts'
import { type Machine, Wait } from './machine.ts'
import { fail, type RuntimeValue } from './values.ts'

/**
 * Word → its answer. Arguments are copies; a keyword in a call comes as its name, a string. `url`: what the renderer
 * writes for a root-relative URL.
 */
export type HostIo = Readonly<
  Record<
    string,
    (
      args: readonly RuntimeValue[],
      signal: AbortSignal,
      url: (value: string) => string,
    ) => Promise<RuntimeValue> | RuntimeValue
  >
>

/** What one evaluation may ask, and what ends its waits. */
export interface Host {
  readonly io: HostIo
  readonly signal: AbortSignal
  /** what a name of the site means, for `lookup` and `eval` */
  readonly lookup?: Lookup
}

const wrong = (word: string, error: unknown): never => {
  if (error instanceof SxError) throw error
  throw new SxError('eval-failed', `the host could not answer ${word}`, { word }, error)
}

const ask = (m: Machine, word: string, args: readonly unknown[], without: HostIo): unknown => {
  const io = m.host?.io ?? without
  const answer = Object.hasOwn(io, word) ? io[word] : undefined
  if (answer === undefined)
    throw new SxError('eval-unsupported', `${word} has no answer here`, {
      word,
      hint: "It asks the host, and this one doesn't offer it.",
    })
  // Such a value is evaluated once, for everybody.
  if (inTopLevel(m)) fail(`a top-level value can't ask the host: ${word}`)
  // What is computed may be computed again.
  if (m.nested > 0) fail(`${word} can't be asked by a computed signal`)
  const signal = m.host?.signal ?? new AbortController().signal
  const given = args.map(arg => cross(word, arg))
  let found: unknown
  try {
    found = answer(given, signal, m.url ?? (value => value))
  } catch (error) {
    wrong(word, error)
  }
  if (!(found instanceof Promise)) return cross(word, found)
  let settled: (() => unknown) | undefined
  const done = Promise.race([
    found,
    new Promise<never>((_, reject) => {
      const stop = (): void =>
        reject(new SxError('eval-limit', `${word} was given up: it took too long`, { word }))
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }),
  ]).then(
    value => {
      settled = () => cross(word, value)
    },
    (error: unknown) => {
      settled = () => wrong(word, error)
    },
  )
  const step = code(2, () => {
    if (settled === undefined) throw new Wait({ word, done })
    return settled()
  })
  return m.go(step, m.env)
}

/** As in lang/words.ts, which a browser doesn't load. */
const words =
  'current-user now query action service config request-arg request-path request-method request-header request-form request-json csrf-token set-response-status set-response-header set-cookie redirect abort sleep'

/** `without`: what answers where an evaluation brings no host of its own. */
export const hostWords = (without: HostIo = {}): Extension => ({
  raw: words
    .split(' ')
    .map(word => [
      word,
      'a*',
      ((m: Machine, args: readonly unknown[]) => ask(m, word, args, without)) as never,
    ]),
})
