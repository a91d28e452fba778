// Bytecode says what its source says, in the same bytes always; whatever else stands in it is refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { bytecodeOf, compileLibrary, openBytecode } from '../../src/ipld/bytecode.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { LibraryNode } from '../../src/ipld/kinds.ts'
import { readNode } from '../../src/ipld/read-node.ts'
import { print } from '../../src/lang/printer.ts'
import { readOne } from '../../src/lang/reader.ts'
import { Link, type List, sym, type Value } from '../../src/lang/values.ts'
import { value } from '../support/arbitrary-values.ts'

const source = new Link('bafyreia3c2y56u4luew4h6l63o4fzktqkdkgyfebgquq725ib6bdnsb5xe')
const library = (forms: List): LibraryNode => ({
  kind: 'library',
  name: 'a',
  exports: [],
  imports: [],
  forms,
})
const read = (text: string): List => readOne(text) as List

describe('bytecode', () => {
  it('holds each constant once, the most used first, and each define by itself', () => {
    const { names, constants, code } = compileLibrary(
      library(read('((define shout (fn (s) (str (upper s) mark s))) (define mark "!"))')),
    )
    expect(names).toEqual(['shout', 'mark'])
    expect(print(constants)).toBe('(s fn str upper mark "!")')
    // biome-ignore format: a line for each segment
    expect([...code]).toEqual([
      15, 0, 3, 3, 0, 1, 2, 0, 4, 4, 0, 2, 5, 2, 6, 2,
      1, 7,
    ])
  })

  it('reads back as the forms of any library, through both decoders', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), bodies => {
        const forms = bodies.map((body, i): Value => [sym('define'), sym(`d${i}`), body])
        let block: Uint8Array
        try {
          encodeNode(library(forms))
          block = encodeNode(bytecodeOf(library(forms), source))
        } catch (error) {
          // What no block can hold, this one can't either.
          expect(error).toBeInstanceOf(SxError)
          return
        }
        for (const decode of [decodeNode, readNode]) {
          const node = decode(block)
          if (node.kind !== 'bytecode') throw new Error('another kind')
          const code = openBytecode(node)
          // In any order, and again.
          for (const i of [...bodies.keys()].reverse()) {
            expect(code.body(i)).toEqual(bodies[i])
            expect(code.body(i)).toEqual(bodies[i])
          }
        }
        expect(encodeNode(bytecodeOf(library(forms), source))).toEqual(block)
      }),
      { numRuns: 300 },
    )
  })

  const whole = compileLibrary(
    library(read('((define a (fn (x) {:k (list x 1 "t") :l nil})) (define b (quote (1 2 (3)))))')),
  )
  it('with any bytes changed or cut gives forms or the error "block-malformed", and always ends', () => {
    const open = (code: Uint8Array): void => {
      try {
        const opened = openBytecode({ ...whole, code })
        for (const i of opened.names.keys()) opened.body(i)
      } catch (error) {
        expect(error).toBeInstanceOf(SxError)
        expect((error as SxError).code).toBe('block-malformed')
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), open), { numRuns: 3000 })
    fc.assert(
      fc.property(fc.nat(whole.code.length - 1), fc.nat(255), (at, byte) => open(whole.code.with(at, byte))),
      { numRuns: 3000 },
    )
    for (let n = 0; n < whole.code.length; n++)
      expect(() => openBytecode({ ...whole, code: whole.code.slice(0, n) })).toThrow(SxError)
  })

  it.each([
    ['a constant that is not there', [2, 200, 1, 1, 2], /constant/],
    ['a list longer than its segment', [3, 0, 127, 2, 1, 2], /count/],
    ['bytes after a form', [2, 2, 2, 1, 2], /after a form/],
    ['bytes after the last segment', [1, 2, 1, 2, 0], /after the last/],
    ['a number without end', [128, 128, 128, 128, 128, 1], /too large/],
    ['a dict’s key that is no text', [4, 1, 1, 0, 2, 1, 2], /no text/],
    [
      'nesting without end',
      [0xd0, 0x0f, ...Array.from({ length: 1000 }, () => [0, 1]).flat(), 1, 2],
      /too deep/,
    ],
  ])('refuses %s', (_what, bytes, why) => {
    const constants = [sym('x')]
    expect(() => {
      const opened = openBytecode({ names: ['a', 'b'], constants, code: Uint8Array.from(bytes) })
      opened.body(0)
      opened.body(1)
    }).toThrow(why)
  })
})
