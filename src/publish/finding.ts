// What a check tells of the sources; the codes of errors that a build finds are those of src/errors.ts.
import type { Place, SxError } from '../errors.ts'

export type Severity = 'error' | 'warning'

export interface Finding {
  readonly code: string
  readonly message: string
  readonly place?: Place
  readonly hint?: string
  readonly related?: readonly { readonly note: string; readonly place: Place }[]
  /** the macro call that made what is wrong, and what came of it */
  readonly call?: string
  readonly expansion?: string
}

export const findingOf = ({
  code,
  message,
  detail: { place, hint, related, call, expansion },
}: SxError): Finding => ({
  code,
  message,
  ...(place && { place }),
  ...(hint !== undefined && { hint }),
  ...(related && { related }),
  ...(typeof call === 'string' && { call }),
  ...(typeof expansion === 'string' && { expansion }),
})

/** The same with its files under other names: those that the reader can open. */
export const withFiles = (finding: Finding, file: (path: string) => string): Finding => {
  const named = (place: Place): Place => ({ ...place, file: file(place.file) })
  return {
    ...finding,
    ...(finding.place && { place: named(finding.place) }),
    ...(finding.related && {
      related: finding.related.map(({ note, place }) => ({ note, place: named(place) })),
    }),
  }
}
