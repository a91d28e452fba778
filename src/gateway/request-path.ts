// A request's target, taken apart without trust: whatever a client writes becomes names of one directory each, or a 400.
import { SxError } from '../errors.ts'

export interface Target {
  /** `/a/b/` as sent, without query */
  readonly path: string
  /** with its `?`, or '' */
  readonly query: string
}

/**
 * Takes both forms of a request line (`/a?b`, `http://host/a?b`). Throws 'request-invalid' when it is too long or holds
 * anything but visible ASCII, which is all that an address may (RFC 3986 §2) and all that a redirect may repeat.
 */
export function targetOf(url: string, most: number): Target {
  if (url.length > most) throw new SxError('request-invalid', `the address is longer than ${most} characters`)
  if (!/^[\x21-\x7e]*$/.test(url))
    throw new SxError('request-invalid', 'the address has characters that must be percent-encoded')
  const own = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  if (own !== '' && !/^[/?#]/.test(own)) throw new SxError('request-invalid', 'the address is no path')
  const mark = own.search(/[?#]/)
  const path = mark < 0 ? own : own.slice(0, mark)
  return {
    path: path.startsWith('/') ? path : '/' + path,
    query: mark < 0 || own[mark] === '#' ? '' : own.slice(mark).split('#', 1)[0]!,
  }
}

export interface FilePath {
  /** decoded segments joined by `/`, none at either end */
  readonly path: string
  /** it ended in `/`: a directory is meant */
  readonly directory: boolean
}

/**
 * Decodes `/a/b%20c/`. Throws 'request-invalid' for a broken escape, text that is no UTF-8, and for a segment that is
 * empty, `.`, `..`, or has a `/`, a backslash or a control character after decoding: none of them names a file of a
 * site, and each has been somebody's hole.
 */
export function readFilePath(path: string): FilePath {
  const parts = path.split('/')
  parts.shift()
  const directory = parts.at(-1) === ''
  if (directory) parts.pop()
  return { path: parts.map(readSegment).join('/'), directory: directory || parts.length === 0 }
}

function readSegment(text: string): string {
  let segment: string
  try {
    segment = decodeURIComponent(text).normalize('NFC')
  } catch (cause) {
    throw new SxError('request-invalid', 'the address has a broken percent-escape', {}, cause)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (segment === '' || segment === '.' || segment === '..' || /[/\\\u0000-\u001f\u007f]/.test(segment))
    throw new SxError('request-invalid', 'the address has a segment that can name no file')
  return segment
}
