// What a vector gives, as plain JSON: called in Node and in Chromium, and the answers compared.
import { SxError } from '../../../src/errors.ts'
import { decodeNode } from '../../../src/ipld/decode.ts'
import { print } from '../../../src/lang/printer.ts'
import { read } from '../../../src/lang/reader.ts'
import type { Value } from '../../../src/lang/values.ts'

const told = (run: () => unknown): unknown => {
  try {
    return run()
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

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))

export const observe = {
  decode: (hex: string): unknown => told(() => plain(decodeNode(bytesOf(hex)))),
  read: (text: string): unknown => told(() => print(read(text).forms)),
}
export type Observation = keyof typeof observe

Object.assign(globalThis, { sxObserve: observe })
