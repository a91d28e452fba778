// From any thrown thing to one exit status; the table of codes is in src/errors.ts.
import { errorCodes, SxError } from '../errors.ts'

/** What each exit status means: printed by `sx --help`. */
export const exitStatuses = [
  [0, 'done'],
  [1, 'the sources or the configuration are wrong'],
  [2, 'the command line is wrong'],
  [3, 'something asked for is not there'],
  [4, 'verification failed'],
  [5, 'a limit was hit'],
  [6, 'the store is busy or broken'],
  [7, 'the network or a peer failed'],
  [8, 'published here, but not to every target'],
  [9, 'what was verified is right, and nobody has signed it'],
  [70, 'a defect of sx itself'],
  [130, 'interrupted'],
] as const

export const INTERRUPTED = 130
/** A release is made, and one of its targets has it not, or does not show it. */
export const INCOMPLETE = 8

export function exitStatusOf(error: unknown): number {
  if (error instanceof SxError) return errorCodes[error.code][1]
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOENT') return 3
  if (code === 'EADDRINUSE' || code === 'EACCES') return 2
  if (error instanceof Error && error.name === 'AbortError') return INTERRUPTED
  return 70
}
