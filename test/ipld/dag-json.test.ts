// DAG-JSON of our blocks against @ipld/dag-json.
import { decode } from '@ipld/dag-cbor'
import { encode } from '@ipld/dag-json'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cidOf, DAG_CBOR } from '../../src/ipld/cid.ts'
import { dagJson } from '../../src/ipld/dag-json.ts'
import { type Data, encodeData } from '../../src/ipld/data.ts'
import { Link } from '../../src/lang/values.ts'

// No text of a block begins with a BOM (docs/format.md §3).
const text = fc.string({ unit: 'binary' }).filter(one => !one.startsWith('\ufeff'))
const { data } = fc.letrec<{ data: Data }>(tie => ({
  data: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Data>(null, true, false, '', '/', '"\\\n\u2028'),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(n => !Number.isInteger(n)),
    text,
    fc.uint8Array({ maxLength: 70 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(digest => new Link(cidOf(DAG_CBOR, digest))),
    fc.array(tie('data'), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie('data')), { maxLength: 5 }).map(entries => new Map(entries)),
  ),
}))

it('is byte for byte what the library writes, whatever the data', () => {
  fc.assert(
    fc.property(data, one => {
      const block = encodeData(one)
      expect(dagJson(block)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(encode(decode(block))))
    }),
    { numRuns: 1000 },
  )
})

it('refuses a block that is too deep or not canonical', () => {
  expect(() => dagJson(new Uint8Array(100_000).fill(0x81))).toThrow(
    expect.objectContaining({ code: 'block-too-large' }),
  )
  expect(() => dagJson(Uint8Array.of(0x18, 1))).toThrow(expect.objectContaining({ code: 'block-malformed' }))
})
