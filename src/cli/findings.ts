// Findings as people and programs read them: lines with a caret, or flat objects.
import type { Finding } from '../app-port.ts'
import type { Place } from '../errors.ts'

/** With `file`, `line` and `column` beside the rest, so that `jq -r '"\(.file):\(.line)"'` works. */
export const plainFinding = ({ place, related, ...rest }: Finding): Record<string, unknown> => ({
  ...rest,
  ...plainPlace(place),
  ...(related && { related: related.map(one => ({ note: one.note, ...plainPlace(one.place) })) }),
})

export const plainPlace = (place: Place | undefined): Record<string, unknown> =>
  place === undefined ? {} : { file: place.file, line: place.line, column: place.column }

export const showFinding = async ({ code: _code, message, ...detail }: Finding): Promise<string> => {
  const [{ showError }, { SxError }] = await Promise.all([import('../lang/place.ts'), import('../errors.ts')])
  // The code is not shown.
  return showError(new SxError('source-invalid', message, detail))
}
