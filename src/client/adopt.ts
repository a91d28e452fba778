// What the server rendered becomes what the client rendered, touching only what differs: nothing, when nobody lied.
import type { HeadElement } from '../runtime/machine.ts'

/** Hears of each island that is there and wanted; whether what is inside stays as it is. */
export type OnIsland = (now: Element, wanted: Element) => boolean

/**
 * HTML as the document's own parser takes it (the same `tbody`, `p` and `pre` rules as for the server's bytes), in a
 * document that loads no image and runs no script.
 */
export const parseBody = (html: string): HTMLElement =>
  new DOMParser().parseFromString(`<!doctype html><body>${html}`, 'text/html').body

function adoptElement(now: Element, wanted: Element, onIsland: OnIsland): void {
  if (wanted.hasAttribute('data-sx-island') && onIsland(now, wanted)) return
  for (const attribute of [...now.attributes])
    if (!wanted.hasAttributeNS(attribute.namespaceURI, attribute.localName))
      now.removeAttributeNode(attribute)
  for (const attribute of [...wanted.attributes])
    if (now.getAttributeNS(attribute.namespaceURI, attribute.localName) !== attribute.value)
      now.setAttributeNodeNS(attribute.cloneNode() as Attr)
  // With scripts on, the parser makes text of what is in a noscript; with scripts off, as in parseBody, elements.
  if (now.nodeName !== 'NOSCRIPT') adoptChildren(now, wanted, onIsland)
}

/** Makes the children of `now` equal to those of `wanted`. Depth is the parser's: at most 512. */
export function adoptChildren(now: Element, wanted: Element, onIsland: OnIsland): void {
  let at = now.firstChild
  for (const want of wanted.childNodes) {
    if (at?.nodeName !== want.nodeName) {
      now.insertBefore(document.importNode(want, true), at)
      continue
    }
    if (want.nodeType === 1) adoptElement(at as Element, want as Element, onIsland)
    else if (at.nodeValue !== want.nodeValue) at.nodeValue = want.nodeValue
    at = at.nextSibling
  }
  while (at) {
    const next: ChildNode | null = at.nextSibling
    at.remove()
    at = next
  }
}

/**
 * Brings the part of the head that pages make, between title and manifest, in step: what is missing is added and, where
 * another page than the server's is shown, what was the other's goes.
 */
export function adoptHead(elements: readonly HeadElement[], other: boolean): void {
  const wanted = elements.map(({ tag, attributes, text }) => {
    const element = document.createElement(tag)
    for (const [name, value] of attributes) element.setAttribute(name, value)
    element.textContent = text
    return element
  })
  const end = document.querySelector('script[data-sx-manifest]')!
  for (const old of document.head.querySelectorAll('title ~ *')) {
    if (old === end) break
    const known = wanted.findIndex(element => element.isEqualNode(old))
    if (known >= 0) wanted.splice(known, 1)
    else if (other) old.remove()
  }
  if (wanted.length) end.before(...wanted)
}
