// The shared vectors: the same files run in the browser.
import { readdirSync, readFileSync } from 'node:fs'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { readOne } from '../../src/lang/reader.ts'
import { createDomSink, renderDom } from '../../src/runtime/dom.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show } from '../../src/runtime/values.ts'
import { hasSeenPairs, seenPairs } from '../support/seen-pairs.ts'

interface Case {
  readonly name: string
  readonly source: string
  readonly value?: string
  readonly html?: string
  readonly head?: readonly (readonly [string, readonly (readonly [string, string])[], string])[]
  readonly error?: string
}

/** A tree as data: attributes in order of names, texts that touch as one. */
const treeOf = (node: Node): unknown => {
  if (node.nodeType === 3) return node.nodeValue
  const { localName, attributes, childNodes } = node as Element
  const children = [...childNodes].map(treeOf)
  const merged: unknown[] = []
  for (const child of children)
    if (typeof child === 'string' && typeof merged.at(-1) === 'string') merged.push(`${merged.pop()}${child}`)
    else merged.push(child)
  return [localName, [...attributes].map(a => `${a.name}=${a.value}`).sort(), ...merged]
}

const folder = new URL('../vectors/runtime/', import.meta.url)
const none = { find: () => undefined, load: async () => {} }
const runtime = createRuntime({ definitions: none })

for (const file of readdirSync(folder)) {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: Case[] }
  const asMarkup = file.startsWith('html')
  describe(file, () => {
    for (const { name, source, value, html, head, error } of cases)
      it(name, async () => {
        const form = readOne(source)
        if (error !== undefined) {
          const run = asMarkup ? runtime.renderHtml(form) : runtime.evaluate(form)
          await expect(run).rejects.toMatchObject({ code: error })
          return
        }
        if (value !== undefined) expect(show(await runtime.evaluate(form))).toBe(value)
        if (html === undefined) return
        const rendered = await runtime.renderHtml(form)
        expect(rendered.html).toBe(html)
        expect(rendered.head.map(e => [e.tag, e.attributes, e.text])).toEqual(head ?? [])
        expect(runtime.renderHtmlSync(form).html).toBe(html)
        // This DOM has no namespaces; Chromium's has (test/browser).
        if (/<svg/.test(html)) return
        // The same as calls: a sink that takes no finished text.
        const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>')
        const result = await renderDom(runtime, form, undefined, { document, parent: document.body })
        const server = parseHTML(`<!DOCTYPE html><html><body>${html}</body></html>`).document
        // This parser leaves a text in pieces around each entity.
        server.body.normalize()
        expect(treeOf(document.body)).toEqual(treeOf(server.body))
        expect(result.head).toEqual(rendered.head)
        // And over what the server rendered nothing is touched.
        const sink = createDomSink(server as unknown as Document, server.body as unknown as Node, true)
        await runtime.renderTo(sink, form)
        expect(sink.end()).toBe(0)
      })
  })
}

if (hasSeenPairs)
  describe('pairs seen in the public pages', () => {
    for (const { text, value, error } of seenPairs<{ text: string; value?: string; error?: boolean }>('eval'))
      it(text, async () => {
        if (error) await expect(runtime.evaluate(readOne(text))).rejects.toMatchObject({ name: 'SxError' })
        else expect(show(await runtime.evaluate(readOne(text)))).toBe(value)
      })
  })
