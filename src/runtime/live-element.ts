// Elements of a document that lives: attributes and properties, and who hears their events.
import { apply } from './call.ts'
import { eventOf } from './event.ts'
import { type Place, runAt } from './live.ts'
import { Reading } from './region.ts'
import type { ElementParts } from './render.ts'
import type { Attribute } from './sink.ts'
import { Fn } from './values.ts'

/** What SX made of an element. */
interface Made {
  written: ReadonlyMap<string, string>
  on: Map<string, unknown>
  place: Place | undefined
}

export interface LiveElement extends Element {
  sx?: Made
}

export const spaces: Readonly<Record<string, string>> = {
  '': 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  math: 'http://www.w3.org/1998/Math/MathML',
}

/** Attributes that say only how it begins: what it is now is a property, which a reader may have changed. */
const isState = /^(?:value|checked|selected|muted|open)$/

const write = (element: Element, name: string, text: string | undefined): void => {
  if (text === undefined) element.removeAttribute(name)
  else if (name.startsWith('xlink:')) element.setAttributeNS('http://www.w3.org/1999/xlink', name, text)
  else element.setAttribute(name, text)
}

/** Sets the property of the same name, unless it is so already: a caret stays where it is. */
export const setState = (element: Element, name: string, text: string | undefined): void => {
  const now = element as unknown as Record<string, unknown>
  const wanted = name === 'value' ? (text ?? '') : text !== undefined
  if (name in element && now[name] !== wanted) now[name] = wanted
}

/** Makes an element's attributes these. `first`: it is new, or was sent by a server. */
export const setAttributes = (
  element: LiveElement,
  attributes: readonly Attribute[],
  place?: Place,
): Made => {
  const { sx } = element
  const before = sx?.written ?? new Map(Array.from(element.attributes, ({ name, value }) => [name, value]))
  const html = element.namespaceURI === spaces['']
  const written = new Map(attributes.map(([name, text]) => [html ? name.toLowerCase() : name, text]))
  for (const [name, text] of written)
    if (before.get(name) !== text) {
      write(element, name, text)
      if (sx && isState.test(name)) setState(element, name, text)
    }
  for (const name of before.keys())
    if (!written.has(name)) {
      // The property first: some, as an option's value, write the attribute.
      if (sx && isState.test(name)) setState(element, name, undefined)
      write(element, name, undefined)
    }
  return (element.sx = { written, on: new Map(), place })
}

const hear = (event: Event): void => handle(event.currentTarget as LiveElement, event)

/** Calls an element's handler for this kind of event, if it has one. */
export const handle = (element: LiveElement, event: Event): void => {
  const { on, place } = element.sx ?? {}
  const f = on?.get(event.type)
  if (f && place)
    runAt(place, false, m => apply(m, f, f instanceof Fn && !f.s.n ? [] : [eventOf(event, element)]))
}

/** Attributes and handlers, from the values of `parts.all`. */
export const setAll = (
  element: LiveElement,
  { attributes: codes }: ElementParts,
  [vs, attributes]: readonly [readonly unknown[], readonly Attribute[]],
  place: Place,
): void => {
  const { on } = setAttributes(element, attributes, place)
  ;[...codes.keys()].forEach((name, i) => {
    if (!name.startsWith('on-') || !vs[i]) return
    on.set(name.slice(3), vs[i])
    element.addEventListener(name.slice(3), hear)
  })
}

/** An element's attributes that follow what they read. */
export class Attributes extends Reading {
  element!: LiveElement
  parts!: ElementParts

  override run(): void {
    const again = (v: unknown): void => setAll(this.element, this.parts, v as never, this)
    runAt(this, true, (m, d) => this.read(m, d, again), undefined, this)
  }
}
