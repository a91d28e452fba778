import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { decodeData, encodeData } from '../../src/ipld/data.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { linksIn } from '../../src/ipld/links.ts'
import { Link } from '../../src/lang/values.ts'
import { cid, value } from '../support/arbitrary-values.ts'
import { nodeFromVector } from '../support/node-from-vector.ts'

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/ipld/${file}`, import.meta.url), 'utf8')).vectors
const invalid: [string, { hex: string; code: string; why: string }][] = read('invalid.json').map(
  (row: { name: string; hex: string; code: string; why: string }) => [row.name, row],
)
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const refusal = (run: () => unknown): SxError | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof SxError) return error
    throw error
  }
  return undefined
}
const wrap = (body: Uint8Array): Uint8Array =>
  Uint8Array.from([...hex('a362737801'), ...hex('64626f6479'), ...body, ...hex('646b696e646576616c7565')])

describe('malformed blocks are refused, each for its reason', () => {
  it.each(invalid)('%s', (_, row) => {
    const error = refusal(() => decodeNode(hex(row.hex)))
    expect(error?.code).toBe(row.code)
    expect(error?.message).toMatch(new RegExp(row.why))
  })
})

describe('limits of what is decoded', () => {
  it('more than 1 MiB and more than 512 levels are refused before anything is read or recursed', () => {
    expect(refusal(() => decodeNode(new Uint8Array(2 ** 20 + 1)))?.code).toBe('block-too-large')
    expect(refusal(() => decodeNode(wrap(new Uint8Array(600_000).fill(0x81))))?.code).toBe('block-too-large')
    const maps = Buffer.from('a16161'.repeat(100_000), 'hex')
    expect(refusal(() => decodeNode(wrap(maps)))?.code).toBe('block-too-large')
    expect(refusal(() => decodeNode(wrap(Buffer.from(`${'81'.repeat(511)}01`, 'hex'))))).toBeUndefined()
    expect(refusal(() => decodeNode(wrap(Buffer.from(`${'81'.repeat(512)}01`, 'hex'))))?.code).toBe(
      'block-too-large',
    )
  })
  it('a view into a larger buffer is read where it stands', () => {
    const bytes = encodeNode({ kind: 'value', body: [1.5, 'é'] })
    const larger = new Uint8Array(bytes.length + 20)
    larger.set(bytes, 7)
    expect(decodeNode(larger.subarray(7, 7 + bytes.length))).toEqual(decodeNode(bytes))
  })
})

describe('fuzzed bytes', () => {
  const seeds: Node[] = read('nodes.json').map((row: { node: never }) => nodeFromVector(row.node))
  const holds = (bytes: Uint8Array): void => {
    let node: Node | undefined
    const error = refusal(() => {
      node = decodeNode(bytes)
    })
    if (node === undefined) expect(error?.code).toMatch(/^block-(malformed|too-large)$/)
    else expect(encodeNode(node)).toEqual(bytes)
    refusal(() => linksIn(bytes))
  }
  it('either encode to themselves again or are refused with our own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => holds(bytes)),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => holds(wrap(bytes))),
      { numRuns: 2000 },
    )
  })
  it('also when one byte of a good block is changed, dropped or doubled', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat({ max: 2 }),
        (node, where, byte, how) => {
          const bytes = [...encodeNode(node)]
          const at = where % bytes.length
          if (how === 0) bytes[at] = byte
          else if (how === 1) bytes.splice(at, 1)
          else bytes.splice(at, 0, byte)
          holds(Uint8Array.from(bytes))
        },
      ),
      { numRuns: 5000 },
    )
  })
  it('also when two good values are spliced', () => {
    fc.assert(
      fc.property(value, value, fc.nat(), fc.nat(), (a, b, i, j) => {
        const parts = [a, b].map(body => {
          try {
            return encodeNode({ kind: 'value', body })
          } catch {
            return wrap(hex('01'))
          }
        }) as [Uint8Array, Uint8Array]
        const [x, y] = parts
        holds(Uint8Array.from([...x.subarray(0, i % x.length), ...y.subarray(j % y.length)]))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('plain data', () => {
  const data = fc.letrec(tie => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter(n => !Number.isInteger(n)),
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 40 }),
      cid.map(text => new Link(text)),
      fc.array(tie('any'), { maxLength: 4 }),
      fc
        .dictionary(fc.string({ unit: 'binary', maxLength: 4 }), tie('any'), { maxKeys: 4 })
        .map(o => new Map(Object.entries(o))),
    ),
  })).any
  it('comes back as it was', () => {
    fc.assert(
      fc.property(data, one => {
        expect(decodeData(encodeData(one as never))).toEqual(one)
      }),
    )
  })
  it('is written the same from an object and from a Map, and refused beyond 512 levels', () => {
    expect(encodeData({ bb: 1, a: [2] })).toEqual(
      encodeData(
        new Map<string, never>([
          ['a', [2]],
          ['bb', 1],
        ] as never),
      ),
    )
    let deep: unknown = 1
    for (let i = 0; i < 600; i++) deep = [deep]
    expect(refusal(() => encodeData(deep as never))?.code).toBe('definition-too-large')
    expect(refusal(() => encodeData({ a: undefined } as never))?.code).toBe('value-not-storable')
    expect(refusal(() => encodeData('\ud800'))?.code).toBe('value-not-storable')
  })
})
