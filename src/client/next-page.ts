// What a browser has to know of another page of the site before it can load it: its HTML's head, nothing of its body.
// The manifest is believed as far as that of a page that loads is: each CID in it is a question.
import type { Manifest } from '../ipld/manifest.ts'
import { type Place, placeOf } from '../ipld/place.ts'

export interface NextPage {
  readonly manifest: Manifest
  readonly place: Place
  /** without hash */
  readonly url: string
  readonly lang: string
  /** for one that names none itself */
  readonly title: string
  /** its style elements are not what the document's policy allows */
  readonly otherStyles: boolean
}

/** The directives of a Content-Security-Policy. A document's holds until it is left, whatever page it shows by then. */
type Policy = readonly string[]

/** Without hashes of scripts: those are the loader's and the runtime's, which a page that comes here has no use for. */
const policyOf = (page: Document): Policy =>
  page
    .querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]')!
    .content.replace(/script-src [^;]*sha256-\S+/, '')
    .split('; ')

/** Directives that allow more than `given`: what a page adds stands at the end of one. */
const beyond = (wanted: Policy, given: Policy): Policy =>
  wanted.filter(directive => !given.some(one => `${one} `.startsWith(`${directive} `)))

/** Rejects when it is no page of the site, the product's version and the policy that the document has. */
export const readNext = async (answer: Response, base: string, boot: Manifest['boot']): Promise<NextPage> => {
  const { url } = answer
  // An address that leads elsewhere is not the one that the document has got by now.
  if (!answer.ok || answer.redirected) throw Error(`status ${answer.status} at ${url}`)
  // No more than the head: what is shown is rendered from definitions.
  const html = new DOMParser().parseFromString((await answer.text()).split('<body>')[0]!, 'text/html')
  const { dataset, lang } = html.documentElement
  const manifest: Manifest = JSON.parse(html.querySelector('script[data-sx-manifest]')!.textContent!)
  const place = placeOf(manifest.path, new URL(url).pathname)
  const more = beyond(policyOf(html), policyOf(document))
  if (
    place?.base !== base ||
    manifest.routes ||
    dataset.sxNavigation === 'off' ||
    JSON.stringify(manifest.boot) !== JSON.stringify(boot) ||
    more.some(directive => !directive.startsWith('style-src '))
  )
    throw Error('the page needs a document of its own')
  return { manifest, place, url, lang, title: html.title, otherStyles: more.length > 0 }
}
