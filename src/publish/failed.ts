// The error of a build: all that was found, so that an author mends it in one go.
import { type Place, SxError } from '../errors.ts'

/** 'build-failed' with `detail.errors`. */
export const failed = (errors: readonly SxError[]): SxError => {
  const [first] = errors
  return errors.length === 1 && first !== undefined
    ? new SxError('build-failed', first.message, { errors })
    : new SxError('build-failed', `The build found ${errors.length} errors`, { errors })
}

/** `error` with a place where it had none. What is no SxError is a defect and goes on as it is. */
export const placedAt = (error: unknown, place: Place | undefined): SxError => {
  if (!(error instanceof SxError)) throw error
  if (error.detail.place !== undefined || place === undefined) return error
  return new SxError(error.code, error.message, { ...error.detail, place }, error.cause)
}

/** `error` with its files under other names: those that its reader can open. */
export const withFiles = (error: SxError, file: (path: string) => string): SxError => {
  const { place, related } = error.detail
  const named = (one: Place): Place => ({ ...one, file: file(one.file) })
  return new SxError(
    error.code,
    error.message,
    {
      ...error.detail,
      ...(place && { place: named(place) }),
      ...(related && { related: related.map(({ note, place: at }) => ({ note, place: named(at) })) }),
    },
    error.cause,
  )
}
