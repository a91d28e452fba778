// Attribute rules, the same for HTML text and DOM: what is left out, what a list or dict means, what is refused.
import type { Attribute } from './sink.ts'
import { fail, keysOf, Signal, truthy, typeOf } from './values.ts'
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
const isSilent = /^(?:on-.*|key|ref)$/

export const isRewritten = (name: string): boolean => isUrl.test(name) || isUrlList.test(name)

/** Throws for names that could end the tag or run script. */
export const checkName = (name: string): void => {
  if (/[\s"'<>/=\p{Cc}]/u.test(name) || name === '') fail(`an attribute can't be named "${name}"`)
  if (/^(?:on(?!-)|srcdoc$)/i.test(name))
    fail(
      `the attribute ${name} would run as script`,
      'Write an event handler as :on-click (fn (e) …) in an island.',
    )
}

// Control characters and blanks are skipped by browsers when they look for the scheme.
const isScript = (url: string): boolean => /^(?:java|vb)script:/i.test(url.replace(/[\p{Cc}\p{Z}]/gu, ''))

const words = (v: unknown): string => {
  if (v instanceof Signal) return words(v.v)
  if (Array.isArray(v)) return v.map(words).filter(Boolean).join(' ')
  if (v instanceof Map)
    return keysOf(v)
      .filter(key => truthy(v.get(key)))
      .join(' ')
  return textOf(v) ?? (fail(`a ${typeOf(v)} is no attribute value`) as never)
}

const declarations = (v: unknown): string => {
  if (Array.isArray(v)) return v.map(declarations).filter(Boolean).join(';')
  if (!(v instanceof Map)) return words(v)
  return keysOf(v)
    .filter(key => truthy(v.get(key)))
    .map(key => `${key}:${words(v.get(key))}`)
    .join(';')
}

const one = (v: string, url: (value: string) => string): string =>
  v.startsWith('/') && v[1] !== '/' ? url(v) : v

export type Writer = (value: unknown, url: ((value: string) => string) | undefined) => Attribute | undefined

/** Value → what is written for the attribute `name` (which has been checked), or undefined when nothing is. */
export const attributeWriter = (name: string): Writer => {
  if (isSilent.test(name)) return () => undefined
  const boolean = isBoolean.test(name)
  const enumerated = isEnumerated.test(name)
  const single = isUrl.test(name)
  const list = isUrlList.test(name)
  const text = name === 'style' ? declarations : words
  const dict = name === 'style' || name === 'class'
  return (value, url) => {
    const v = value instanceof Signal ? value.v : value
    if (v === null || v === undefined || (v === false && !enumerated)) return undefined
    if (typeof v === 'boolean') return [name, enumerated ? String(v) : '']
    if (boolean) return [name, '']
    if (v instanceof Map && !dict) fail(`a dict is no value of ${name}`, 'Only class and style take dicts.')
    const s = text(v)
    if (single) return isScript(s) ? undefined : [name, url ? one(s, url) : s]
    return [
      name,
      url && list ? s.replace(/(^|,\s*)(\/[^\s,]*)/g, (_all, before, at) => before + one(at, url)) : s,
    ]
  }
}
