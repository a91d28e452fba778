// A whole number among a command's options.
import { SxError } from '../errors.ts'

/** `fallback` when it was not given. Throws 'usage' for anything else than 0 to `most`. */
export function wholeNumber(
  name: string,
  text: string | boolean | undefined,
  fallback: number,
  most: number,
): number {
  if (text === undefined) return fallback
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text) || Number(text) > most)
    throw new SxError('usage', `--${name} is no whole number up to ${most}: ${JSON.stringify(text)}`, {
      hint: `--${name} ${fallback}`,
    })
  return Number(text)
}
