// What a browser decodes with gives what the strict decoder gives, and reads no malformed block out of bounds.
import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import { describe, expect, it } from 'vitest'
import { decodeNode } from '../../src/ipld/decode.ts'
import { readNode } from '../../src/ipld/read-node.ts'

const vectors = (file: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/ipld/${file}`, import.meta.url), 'utf8')).vectors

const inPages = /^(component|island|value|group|member|library|wasm|page|closure)$/

describe('reading nodes in a browser', () => {
  for (const { name, dagJson: dag } of ['nodes.json', 'values.json'].flatMap(
    file => vectors(file) as { name: string; dagJson: unknown }[],
  ))
    it(`agrees with the strict decoder: ${name}`, () => {
      const bytes = dagCbor.encode(dagJson.decode(new TextEncoder().encode(JSON.stringify(dag))))
      const strict = decodeNode(bytes)
      if (inPages.test(strict.kind)) expect(readNode(bytes)).toEqual(strict)
    })

  for (const { name, hex } of vectors('invalid.json') as { name: string; hex: string }[])
    it(`refuses it, or it is sound dag-cbor of this version: ${name}`, () => {
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
      let node: unknown
      try {
        node = readNode(bytes)
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/^(SxError|TypeError)$/) })
        return
      }
      expect(typeof node).toBe('object')
      // The library drops the mark and then finds a key twice; here both keys are there.
      if (name.includes('where the mark is dropped'))
        expect(node).toEqual({
          kind: 'value',
          body: new Map([
            ['a', 1],
            ['\ufeffa', 2],
          ]),
        })
      else expect(dagCbor.decode(bytes)).toMatchObject({ sx: 1 })
    })
})
