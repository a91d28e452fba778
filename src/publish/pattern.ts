// Page paths: `/posts/<slug>`, their parameters, and the file that an instance is written to.
import { SxError } from '../errors.ts'

export type Segment = { readonly literal: string } | { readonly parameter: string }

const literal = /^[A-Za-z0-9._~-]+$/
const parameter = /^<([a-z][a-z0-9-]*)>$/

/** Throws 'page-invalid' when `path` is no pattern: it starts with `/`, each segment is plain text or `<name>`. */
export function parsePattern(path: string): readonly Segment[] {
  const bad = (why: string): never => {
    throw new SxError('page-invalid', `The path "${path}" ${why}`, {
      hint: 'A path looks like "/", "/market" or "/posts/<slug>".',
    })
  }
  if (!path.startsWith('/')) bad('does not start with "/"')
  if (path === '/') return []
  const seen = new Set<string>()
  return path
    .slice(1)
    .split('/')
    .map(part => {
      const name = parameter.exec(part)?.[1]
      if (name !== undefined) {
        if (seen.has(name)) bad(`names <${name}> twice`)
        seen.add(name)
        return { parameter: name }
      }
      if (!literal.test(part) || part === '.' || part === '..') bad(part === '' ? 'has an empty segment' : `has the segment "${part}"`)
      return { literal: part }
    })
}

export const parametersOf = (pattern: readonly Segment[]): readonly string[] =>
  pattern.flatMap(s => ('parameter' in s ? [s.parameter] : []))

/** The instance's path, percent-encoded where it must be. Throws 'page-invalid' for a missing or unusable value. */
export function fillPattern(path: string, values: ReadonlyMap<string, unknown>): string {
  return `/${parsePattern(path)
    .map(s => {
      if ('literal' in s) return s.literal
      const value = values.get(s.parameter)
      const given = typeof value === 'number' ? String(value) : value
      if (typeof given !== 'string' || given === '' || given === '.' || given === '..' || given.includes('/') || !given.isWellFormed())
        throw new SxError('page-invalid', `:paths of "${path}" gives no usable <${s.parameter}>`, {
          hint: 'Each entry is a dict such as {:slug "hello"}, its values texts that are not empty and have no "/".',
        })
      return encodeURIComponent(given)
    })
    .join('/')}`
}

/** Where a page's HTML lies in `files`: `/` → `index.html`, `/market` → `market/index.html`, `/404` → `404.html`. */
export function fileOf(path: string): string {
  if (path === '/') return 'index.html'
  if (path === '/404') return '404.html'
  return `${path.slice(1).split('/').map(decodeURIComponent).join('/')}/index.html`
}
