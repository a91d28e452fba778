// A page's HTML around its rendered content: head, policy, manifest, loader.
import { SxError } from '../errors.ts'
import type { Manifest } from '../ipld/manifest.ts'
import type { Navigation } from '../settings.ts'

export interface PageHtml {
  /** plain text */
  readonly title: string
  /** BCP 47, such as `en` */
  readonly lang: string
  /** default `soft`, which needs no word */
  readonly navigation?: Navigation
  /** there is a service worker; default false */
  readonly offline?: boolean
  /** it shows what was verified, and from where; default false */
  readonly status?: boolean
  /** HTML of what the content hoisted into the head */
  readonly head: string
  /** HTML of the content; it is all that `<body>` holds, since the client adopts exactly that */
  readonly body: string
  readonly manifest: Manifest
  /** JavaScript of the inline loader; undefined for a page that needs no client */
  readonly loader?: string | undefined
  readonly csp: string
}

const escapeText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const escapeAttribute = (text: string): string => escapeText(text).replace(/"/g, '&quot;')

/**
 * JSON that no HTML parser can leave: every way out of a script element (`</script`, `<!--`, `<script`; HTML §13.1.2.4)
 * begins with `<`, which JSON may write as an escape.
 */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c')

const rootAttributes = ({ navigation = 'soft', offline = false, status = false }: PageHtml): string =>
  (navigation === 'soft' ? '' : ` data-sx-navigation="${navigation}"`) +
  (offline ? ' data-sx-offline' : '') +
  (status ? ' data-sx-status' : '')

/**
 * The whole document. Nothing follows `</body>`: white space there would be moved into the body and be a difference
 * to what the client renders. The policy stands before all that it governs; `async` lets the loader fetch while the
 * rest of the page still arrives.
 * @throws SxError 'internal' when the loader's text can't stand in a script element as it is
 */
export function pageHtml(page: PageHtml): string {
  // A parser turns CR into LF and NUL into U+FFFD: the element's text would no longer have the policy's hash.
  if (page.loader !== undefined && /<\/script|<!--|<script|[\r\0]/i.test(page.loader))
    throw new SxError('internal', 'The loader holds text that ends or changes a script element')
  return [
    '<!doctype html>',
    `<html lang="${escapeAttribute(page.lang)}"${rootAttributes(page)}>`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(page.csp)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeText(page.title)}</title>`,
    ...(page.head === '' ? [] : [page.head]),
    ...(page.loader === undefined
      ? []
      : [
          `<script type="application/json" data-sx-manifest>${scriptJson(page.manifest)}</script>`,
          `<script type="module" async>${page.loader}</script>`,
        ]),
    '</head>',
    `<body>${page.body}</body></html>`,
  ].join('\n')
}

/** Elements that content moved into the head. A script there holds data, never code: its `<` is escaped as JSON's is. */
export const headHtml = (
  elements: readonly {
    readonly tag: string
    readonly attributes: readonly (readonly [name: string, value: string])[]
    readonly text: string
  }[],
): string =>
  elements
    .map(({ tag, attributes, text }) => {
      const open = `<${tag}${attributes.map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join('')}>`
      if (tag === 'meta' || tag === 'link') return open
      return `${open}${tag === 'script' ? text.replace(/</g, '\\u003c') : escapeText(text)}</${tag}>`
    })
    .join('\n')
