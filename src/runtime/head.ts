// Elements that hold text only, and those that belong in the head of the document.
import { bindStep } from './bind-step.ts'
import { code } from './code.ts'
import type { Extension, Form } from './form.ts'
import { type Machine, type Resume, sequence } from './machine.ts'
import { elementOf, partsOf } from './render.ts'
import type { Attribute, Sink } from './sink.ts'
import { fail } from './values.ts'

interface TextSink extends Sink {
  out: string
}

/** A sink for text only: titles, scripts, styles. */
const textSink = (tag: string): TextSink => {
  const refuse = (): never => fail(`<${tag}> takes text only`)
  const add = function (this: TextSink, text: string): void {
    this.out += text
  }
  return {
    out: '',
    open: refuse,
    close: refuse,
    island: refuse,
    raw: add,
    text: add,
    data: add,
    mark() {
      const { out } = this
      return () => {
        this.out = out
      }
    },
    size() {
      return this.out.length
    },
  }
}

// Kept in the body: what HTML allows there.
const bodyLink = /\b(?:dns-prefetch|modulepreload|pingback|preconnect|prefetch|preload|stylesheet)\b/i

const get = (attributes: readonly Attribute[], name: string): string | undefined =>
  attributes.find(([n]) => n === name)?.[1]

const isHead = (tag: string, attributes: readonly Attribute[]): boolean => {
  if (tag === 'title') return true
  if (tag === 'script') return get(attributes, 'type') === 'application/ld+json'
  if (get(attributes, 'itemprop') !== undefined) return false
  return tag === 'meta' || (tag === 'link' && !bodyLink.test(get(attributes, 'rel') ?? ''))
}

/** Text that can't end the element it stands in. `<\/` is the same as `</` in scripts, JSON and CSS strings. */
const harmless = (tag: string, text: string, json: boolean): string =>
  tag === 'script'
    ? json
      ? text.replaceAll('<', '\\u003C')
      : text.replace(/<(?=\/script|!--|script)/gi, '\\x3C')
    : tag === 'style'
      ? text.replace(/<(?=\/style)/gi, '\\3C ')
      : text

const form =
  (tag: string): Form =>
  (operands, scope, c) => {
    const parts = partsOf(tag, operands, scope, c)
    const inside = sequence(parts.children)
    // Inside svg it is an element like any other.
    const plain = elementOf(tag, parts)
    const end: Resume = (_v, k, m) => {
      const [sink, list] = k.x as [Sink, readonly Attribute[]]
      const text = harmless(tag, (m.sink as TextSink).out, /json$/.test(get(list, 'type') ?? ''))
      m.sink = sink
      if (isHead(tag, list)) {
        m.head.push({ tag, attributes: list, text })
        return
      }
      sink.open(tag, list, '')
      if (text) sink.data(text)
      sink.close(tag, '')
    }
    const head = bindStep(parts.written, (v, env, m: Machine) => {
      m.push(end, env, [m.sink, (v as [unknown, readonly Attribute[]])[1]])
      m.sink = textSink(tag)
      return m.go(inside, env)
    })
    return code(2, (env, m, d) => (m.ns ? plain : head)(env, m, d))
  }

export const headElements: Extension = {
  markup: ['title', 'meta', 'link', 'script', 'style'].map(tag => [tag, form(tag)]),
}
