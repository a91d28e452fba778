// The instances of a page's path: `/posts/<slug>` filled in, and the file that each is written to.
import { SxError } from '../errors.ts'

/**
 * The instance's path, percent-encoded where it must be. Throws 'page-invalid' for a parameter without a usable value:
 * a text or an integer, not empty, one segment.
 */
export const fillPattern = (path: string, values: ReadonlyMap<string, unknown>): string =>
  path.replace(/<([^/]+)>/g, (_, name: string) => {
    const value = values.get(name)
    const given = typeof value === 'number' ? String(value) : value
    if (typeof given !== 'string' || /^\.{0,2}$/.test(given) || /[/\0]/.test(given) || !given.isWellFormed())
      throw new SxError('page-invalid', `:paths of the page "${path}" gives no usable <${name}>`, {
        hint: 'each entry is a dict such as {:slug "hello"}, its values texts that are not empty and have no "/"',
      })
    return encodeURIComponent(given)
  })

/** Where a page's HTML lies in `files`: `/` → `index.html`, `/market` → `market/index.html`, `/404` → `404.html`. */
export const fileOf = (path: string): string => {
  if (path === '/') return 'index.html'
  if (path === '/404') return '404.html'
  return `${path.slice(1).split('/').map(decodeURIComponent).join('/')}/index.html`
}
