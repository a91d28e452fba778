// Attribute rules, the same for HTML text and DOM: what is left out, what a list or dict means, what is refused.
import { Signal } from './signal.ts'
import type { Attribute } from './sink.ts'
import { fail, keysOf, truthy, typeOf } from './values.ts'
import { textOf } from './write.ts'

const set = (words: string): RegExp => new RegExp(`^(?:${words.replaceAll(' ', '|')})$`, 'i')

/** Present or absent; any value but nil and false means present. */
const isBoolean = set(
  'allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate inert ismap itemscope loop multiple muted nomodule novalidate open playsinline readonly required reversed selected',
)
/** true and false are written out: their absence means a third thing. */
const isEnumerated = set('aria-.* contenteditable draggable spellcheck')
const isUrl = set('href src action formaction poster data cite xlink:href background ping longdesc manifest')
const isUrlList = set('srcset imagesrcset')
/** Not for the document: event handlers (islands attach them), and names that mean something to the renderer. */
const isSilent = /^(?:on-.*|key)$/

/** Text that is given to it is what is written. */
export const isPlainAttribute = (name: string): boolean =>
  ![isBoolean, isUrl, isUrlList, isSilent].some(set => set.test(name))

/** Throws for names that could end the tag or run script. */
const checkName = (name: string): void => {
  if (!name || /[\s"'<>/=\p{Cc}]/u.test(name)) fail(`an attribute can't be named "${name}"`)
  if (/^(?:on(?!-)|srcdoc$)/i.test(name)) fail(`the attribute ${name} would run as script`)
  if (name === 'ref') fail('nothing in SX takes an element: there is no :ref')
}

// Control characters and blanks are skipped by browsers when they look for the scheme.
const isScript = (url: string): boolean => /^(?:java|vb)script:/i.test(url.replace(/[\p{Cc}\p{Z}]/gu, ''))

/** The keys of a dict whose values are neither false nor nil. */
const setKeys = (v: Map<string, unknown>): string[] => keysOf(v).filter(key => truthy(v.get(key)))

const words = (v: unknown): string =>
  v instanceof Signal
    ? words(v.get())
    : Array.isArray(v)
      ? v.map(words).filter(Boolean).join(' ')
      : v instanceof Map
        ? setKeys(v).join(' ')
        : (textOf(v) ?? fail(`a ${typeOf(v)} is no attribute value`))

const declarations = (v: unknown): string =>
  Array.isArray(v)
    ? v.map(declarations).filter(Boolean).join(';')
    : v instanceof Map
      ? setKeys(v)
          .map(key => `${key}:${words(v.get(key))}`)
          .join(';')
      : words(v)

export type Writer = (
  value: unknown,
  url: ((value: string) => string) | undefined,
) => readonly [Attribute] | undefined

/** Value → what is written for the attribute `name`, or undefined when nothing is. Throws for refused names. */
export const attributeWriter = (name: string): Writer => {
  checkName(name)
  if (isSilent.test(name)) return () => undefined
  const boolean = isBoolean.test(name)
  const enumerated = isEnumerated.test(name)
  const single = isUrl.test(name)
  const list = isUrlList.test(name)
  const style = name === 'style'
  const written = (text: string): readonly [Attribute] => [[name, text]]
  return (value, url = v => v) => {
    const v = value instanceof Signal ? value.get() : value
    if (v === null || v === undefined || (v === false && !enumerated)) return
    if (typeof v === 'boolean') return written(enumerated ? String(v) : '')
    if (boolean) return written('')
    if (v instanceof Map && !style && name !== 'class') fail('a dict is no attribute value')
    const s = style ? declarations(v) : words(v)
    if (single && isScript(s)) return
    const one = (at: string): string => (/^\/(?!\/)/.test(at) ? url(at) : at)
    return written(single ? one(s) : list ? s.replace(/(?<=^|,\s*)\/[^\s,]*/g, one) : s)
  }
}
