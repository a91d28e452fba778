// Elements for HTML text: an element and those inside it are one list of strings, with places for what is known when it
// runs only. Static markup is made into text once, when it is compiled. Sinks that take no HTML text get the element itself.
import { attributeWriter, isPlainAttribute } from './attributes.ts'
import { type Code, code, type Env } from './code.ts'
import { escapeHtml } from './escape.ts'
import { GO, type Machine, now, type Resume } from './machine.ts'
import type { ElementParts } from './render.ts'
import { isVoid } from './sink.ts'
import { renderValue } from './write.ts'

interface Template {
  readonly places: readonly Place[]
  /** its text differs inside svg or math */
  readonly htmlOnly: boolean
}

/** HTML text; an attribute, whose text comes of its value; or content, `value`: if it is the value of simple code. */
type Place =
  | string
  | { readonly run: Code; readonly text: (v: unknown, m: Machine) => string }
  | { readonly run: Code; readonly text?: undefined; readonly value: Code | undefined }

const templates = new WeakMap<Code, Template>()

const isHtmlOnly = (c: Code): boolean => templates.get(c)?.htmlOnly ?? false

const attribute = (name: string, c: Code): Place => {
  const write = attributeWriter(name)
  const begin = ` ${name}="`
  const text = (v: unknown, m: Machine): string => {
    const written = write(v, m.url)
    return written ? `${begin}${escapeHtml(written[0][1])}"` : ''
  }
  return {
    run: now(c),
    text: isPlainAttribute(name)
      ? (v, m) => (typeof v === 'string' ? `${begin}${escapeHtml(v)}"` : text(v, m))
      : text,
  }
}

/** Neighbouring strings as one. */
const joined = (places: readonly Place[]): Place[] => {
  const all: Place[] = []
  for (const place of places)
    if (typeof place === 'string' && typeof all.at(-1) === 'string') all.push(`${all.pop()}${place}`)
    // Nothing is no text: a line feed after it is the first in its element.
    else if (place !== '') all.push(place)
  return all
}

/** What stands between the tags, or undefined: it depends on where it stands. */
const contents = (tag: string, children: readonly Code[]): Place[] | undefined => {
  const places = joined(
    children.flatMap((c): Place | readonly Place[] => {
      const { value } = c.shows ?? {}
      return (
        templates.get(c)?.places ??
        (typeof value === 'string'
          ? escapeHtml(value)
          : { run: now(c), value: c.shows?.level === 0 ? c.shows : undefined })
      )
    }),
  )
  const [first] = places
  // What is inside these has another namespace.
  const isFixed = places.every(place => typeof place === 'string') && !children.some(isHtmlOnly)
  if (/^(?:svg|math|foreignObject)$/.test(tag) && !isFixed) return
  // A parser drops the first line feed in these.
  if (/^(?:pre|textarea)$/.test(tag) && first !== undefined) {
    if (typeof first !== 'string') return
    if (first[0] === '\n') places[0] = `\n${first}`
  }
  return places
}

/** `c`: the element for any sink. */
export const template = (tag: string, { attributes, children }: ElementParts, c: Code): Code => {
  const inside = contents(tag, children)
  if (inside === undefined) return c
  const isEmpty = isVoid(tag)
  const htmlOnly = isEmpty || /^(?:pre|textarea|foreignObject)$/.test(tag) || children.some(isHtmlOnly)
  const places = joined([
    `<${tag}`,
    ...[...attributes].map(([name, value]) => attribute(name, value)),
    '>',
    ...inside,
    ...(isEmpty ? [] : [`</${tag}>`]),
  ])
  const n = places.length

  const from = (i: number, env: Env, m: Machine, d: number, html = ''): unknown => {
    const { sink } = m
    for (; i < n; i++) {
      const place = places[i]!
      if (typeof place === 'string') html += place
      else if (place.text) {
        const v = place.run(env, m, d + 1)
        if (v === GO) {
          // A tag is written whole or not at all: whoever goes on may never come back here.
          const begun = html.lastIndexOf('<')
          sink.html!(html.slice(0, begun))
          return m.save(rest, env, html.slice(begun), i)
        }
        html += place.text(v, m)
      } else {
        const v = place.value?.(env, m, d)
        if (typeof v === 'string') html += escapeHtml(v)
        else if (typeof v === 'number') html += v
        else {
          sink.html!(html)
          html = ''
          let done: unknown
          if (!place.value) done = place.run(env, m, d + 1)
          else if ((done = renderValue(v, env, m, d + 1)) === GO) done = m.finish(env, d + 1)
          if (done === GO) return m.save(rest, env, undefined, i)
        }
      }
    }
    sink.html!(html)
    return
  }
  const rest: Resume = (v, k, m, d) => {
    const place = places[k.y]
    const html = typeof place === 'object' && place.text ? `${k.x}${place.text(v, m)}` : ''
    return from(k.y + 1, k.e, m, d, html)
  }
  const made = code(2, (env, m, d) =>
    m.sink.html && !(htmlOnly && m.ns) ? from(0, env, m, d) : c(env, m, d),
  )
  templates.set(made, { places, htmlOnly })
  return made
}
