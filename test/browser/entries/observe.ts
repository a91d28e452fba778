// What a vector gives, as plain JSON: called in Node and in Chromium, and the answers compared.
import { sha256 } from '../../../src/client/sha256.ts'
import { SxError } from '../../../src/errors.ts'
import { cidOf, RAW } from '../../../src/ipld/cid.ts'
import { decodeNode } from '../../../src/ipld/decode.ts'
import { MAX_INFLATED, prove, readPack } from '../../../src/ipld/pack.ts'
import { applyPatch } from '../../../src/ipld/patch.ts'
import { print } from '../../../src/lang/printer.ts'
import { read, readOne } from '../../../src/lang/reader.ts'
import type { Value } from '../../../src/lang/values.ts'
import { renderDom } from '../../../src/runtime/dom.ts'
import { createRuntime } from '../../../src/runtime/runtime.ts'
import { Markup, show } from '../../../src/runtime/values.ts'
import { inflate, openAll } from '../../support/packs.ts'

const told = async (run: () => unknown): Promise<unknown> => {
  try {
    return await run()
  } catch (error) {
    if (error instanceof SxError) return { code: error.code, message: error.message }
    throw error
  }
}

/** Nodes hold plain objects and arrays around SX values; printing tells all there is of the latter. */
const plain = (value: unknown): unknown => {
  const isPlain =
    value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  if (isPlain) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  if (Array.isArray(value) && value.some(v => v !== null && typeof v === 'object' && 'kind' in v))
    return value.map(plain)
  return print(value as Value)
}

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))

const cidsOf = async (blocks: () => Promise<ReadonlyMap<string, unknown>>): Promise<unknown> => {
  try {
    return [...(await blocks()).keys()]
  } catch (error) {
    return error instanceof SxError ? error.code : error
  }
}

const runtime = createRuntime({ definitions: { find: () => undefined, load: async () => undefined } })

/** An example of docs/language.md: an expanded form, and the blocks that it needs in hexadecimal. */
export interface ExpandedExample {
  readonly form: string
  readonly blocks: Readonly<Record<string, string>>
  readonly html: boolean
}

export const observe = {
  decode: (hex: string): Promise<unknown> => told(() => plain(decodeNode(bytesOf(hex)))),
  /** `{page, packs}`, the packs in hexadecimal → CIDs of the blocks, or the error's code (an inflater has words of its own) */
  packs: async (input: string): Promise<unknown> => {
    const { page, packs } = JSON.parse(input) as { page: string; packs: string[] }
    const named = packs.map(bytesOf).map(bytes => ({ cid: cidOf(RAW, sha256(bytes)), bytes }))
    return cidsOf(async () => (await openAll(named, page, sha256)).blocks)
  },
  /** `{from, to, pack, patch}`: the same */
  patches: (input: string): Promise<unknown> => {
    const { from, to, pack, patch } = JSON.parse(input) as Record<'from' | 'to' | 'pack' | 'patch', string>
    return cidsOf(async () => {
      const old = readPack(await inflate(bytesOf(pack), MAX_INFLATED))
      const next = applyPatch(await inflate(bytesOf(patch), MAX_INFLATED), from, old)
      return (await prove(next, to, sha256)).blocks
    })
  },
  read: (text: string): Promise<unknown> => told(() => print(read(text).forms)),
  evaluate: (source: string): Promise<unknown> =>
    told(async () => show(await runtime.evaluate(readOne(source)))),
  html: (source: string): Promise<unknown> => told(async () => runtime.renderHtml(readOne(source))),
  /** `value`, HTML, or `error: code` */
  example: async (input: string): Promise<unknown> => {
    const { form, blocks, html } = JSON.parse(input) as ExpandedExample
    const stored = createRuntime({
      definitions: {
        find: cid => (blocks[cid] === undefined ? undefined : decodeNode(bytesOf(blocks[cid]))),
        load: async () => undefined,
      },
    })
    try {
      const code = readOne(form)
      const value = html ? undefined : await stored.evaluate(code)
      return html || value instanceof Markup ? (await stored.renderHtml(code)).html : show(value)
    } catch (error) {
      if (error instanceof SxError) return `error: ${error.code}`
      throw error
    }
  },
  /** in Chromium only: DOM made by calls, DOM made by the parser, and what adopting the latter repairs */
  dom: (source: string): Promise<unknown> =>
    told(async () => {
      const form = readOne(source)
      const { html } = await runtime.renderHtml(form)
      const parsed = new DOMParser().parseFromString(`<!doctype html><body>${html}`, 'text/html')
      const made = document.implementation.createHTMLDocument('')
      await renderDom(runtime, form, undefined, { document: made, parent: made.body })
      const same = made.body.isEqualNode(parsed.body)
      const { repairs } = await renderDom(runtime, form, undefined, {
        document: parsed,
        parent: parsed.body,
        adopt: true,
      })
      return { same, repairs }
    }),
}
export type Observation = keyof typeof observe

Object.assign(globalThis, { sxObserve: observe })
