import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode, encodeShape, linksOf } from '../../src/ipld/encode.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { linksIn } from '../../src/ipld/links.ts'
import { print } from '../../src/lang/printer.ts'
import { readOne } from '../../src/lang/reader.ts'
import {
  Char,
  ExportLink,
  Keyword,
  Link,
  MemberRef,
  Ratio,
  Ref,
  Sym,
  sym,
  type Value,
} from '../../src/lang/values.ts'
import { memberValue, value } from '../support/arbitrary-values.ts'
import { nodeFromVector, type VectorNode } from '../support/node-from-vector.ts'

interface Row {
  readonly name: string
  readonly text?: string
  readonly node?: VectorNode
  readonly dagJson: unknown
  readonly cid: string
}
const vectors = (file: string): Row[] =>
  JSON.parse(readFileSync(new URL(`../vectors/ipld/${file}`, import.meta.url), 'utf8')).vectors
const cidText = (bytes: Uint8Array): string =>
  CID.create(1, 0x71, Digest.create(0x12, createHash('sha256').update(bytes).digest())).toString()
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const valueNode = (body: Value): Node => ({ kind: 'value', body })
const refusal = (run: () => unknown): SxError => {
  try {
    run()
  } catch (error) {
    if (error instanceof SxError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
/** Encodes, or undefined where the value is one that may not be stored (a link in quoted data). */
const tryEncode = (node: Node): Uint8Array | undefined => {
  try {
    return encodeNode(node)
  } catch (error) {
    if (error instanceof SxError && error.code === 'value-not-storable') return undefined
    throw error
  }
}

const rows = [...vectors('values.json'), ...vectors('nodes.json')].map(row => [row.name, row] as const)

describe('golden vectors', () => {
  it.each(rows)('%s', (_, row) => {
    const node =
      row.text === undefined ? nodeFromVector(row.node as VectorNode) : valueNode(readOne(row.text))
    const bytes = encodeNode(node)
    // What the peers make of the DAG-JSON, which nothing of ours has touched.
    const peer = dagCbor.encode(dagJson.decode(new TextEncoder().encode(JSON.stringify(row.dagJson))))
    expect(hexOf(bytes)).toBe(hexOf(peer))
    expect(cidText(bytes)).toBe(row.cid)
    expect(encodeNode(decodeNode(bytes))).toEqual(bytes)
  })
})

describe('encoding', () => {
  it('comes back from decoding as the same value, and the peer codec agrees that it is canonical', () => {
    fc.assert(
      fc.property(value, body => {
        const bytes = tryEncode(valueNode(body))
        fc.pre(bytes !== undefined)
        const decoded = decodeNode(bytes)
        expect(decoded).toEqual(valueNode(body))
        expect(encodeNode(decoded)).toEqual(bytes)
        expect(hexOf(dagCbor.encode(dagCbor.decode(bytes)))).toBe(hexOf(bytes))
        expect(hexOf(dagCbor.encode(dagJson.decode(dagJson.encode(dagCbor.decode(bytes)))))).toBe(
          hexOf(bytes),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('prints to text that reads as the same value', () => {
    fc.assert(
      fc.property(value, body => {
        const bytes = tryEncode(valueNode(body))
        fc.pre(bytes !== undefined)
        const decoded = decodeNode(bytes)
        if (decoded.kind === 'value')
          expect(encodeNode(valueNode(readOne(print(decoded.body))))).toEqual(bytes)
      }),
    )
  })

  it('holds for members of a group, whose references have their places', () => {
    fc.assert(
      fc.property(memberValue, body => {
        const members = Array.from(
          { length: 1001 },
          (_, i) => ({ kind: 'value', body: i === 0 ? body : null }) as const,
        )
        const group: Node = { kind: 'group', members }
        const bytes = tryEncode(group)
        fc.pre(bytes !== undefined)
        expect(decodeNode(bytes)).toEqual(group)
      }),
      { numRuns: 50 },
    )
  })

  it('sorts keys whatever order the map was made in, with the stored form of a key of quotes and a slash', () => {
    const keys = ['/', '"/', 'a', 'b', 'aa', 'é', '😀', '\uffff', '', '"', 'a/']
    fc.assert(
      fc.property(fc.shuffledSubarray(keys), some => {
        const bytes = encodeNode(valueNode(new Map(some.map(key => [key, 1]))))
        expect(hexOf(dagCbor.encode(dagCbor.decode(bytes)))).toBe(hexOf(bytes))
        const decoded = decodeNode(bytes)
        expect(decoded.kind === 'value' && new Set((decoded.body as Map<string, Value>).keys())).toEqual(
          new Set(some),
        )
      }),
    )
  })

  it('replaces references as it goes and lists links in the order of the bytes', () => {
    const a = 'bafyreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm'
    const b = 'bafyreib6epubmabzlffdhckpmvsodmjuro6xuaei2qwevs3t52xnlhaatu'
    const links: string[] = []
    const body = [[new Ref('card'), new Ref('tw', 'style'), new Ref('card'), new Ref('me')]]
    const node = { kind: 'component', params: [new Link(a)], body } as const
    const resolve = (ref: Ref) =>
      ref.library !== undefined ? new ExportLink(b, ref.name) : ref.name === 'me' ? new Link(b) : new Link(a)
    const bytes = encodeNode(node, resolve, links)
    expect(links).toEqual([a, b, a, b, a])
    expect(linksIn(bytes)).toEqual([a, b])
    expect(linksOf(decodeNode(bytes))).toEqual([a, b])
    expect(bytes).toEqual(
      encodeNode({ ...node, body: [[new Link(a), new ExportLink(b, 'tw'), new Link(a), new Link(b)]] }),
    )
    expect(refusal(() => encodeNode(node)).code).toBe('value-not-storable')
  })

  it('may be started again from inside a resolver', () => {
    const a = 'bafyreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm'
    const outer = encodeNode(valueNode([1, new Ref('x'), 2]), () => {
      encodeNode(valueNode('inner'))
      return new Link(a)
    })
    expect(outer).toEqual(encodeNode(valueNode([1, new Link(a), 2])))
  })

  it('blanks references in a shape, so that it says nothing of what they lead to, except an export name', () => {
    const a = new Link('bafyreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm')
    const seen: unknown[] = []
    const shape = (...body: Value[]) => encodeShape({ kind: 'value', body }, found => void seen.push(found))
    expect(shape(a, new MemberRef(3), new Ref('x'))).toEqual(
      shape(new MemberRef(0), new Ref('y'), new Ref('z')),
    )
    expect(seen.slice(0, 3)).toEqual([a, new MemberRef(3), new Ref('x')])
    expect(shape(new Ref('tw', 'style'))).toEqual(shape(new ExportLink(a.cid, 'tw')))
    expect(shape(new Ref('tw', 'style'))).not.toEqual(shape(new Ref('rem', 'style')))
    expect(shape(null)).not.toEqual(shape(a))
    // An export's name can't be taken for the item after a blank.
    const e = (name: string) => new Ref(name, 'style')
    expect(shape([e('a'), sym('x')], [a, sym('b')], sym('z'))).not.toEqual(
      shape([a, sym('a')], sym('x'), [e('b'), sym('z')]),
    )
  })
})

describe('what is not storable', () => {
  const link = new Link('bafyreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm')
  const cases: [string, unknown][] = [
    ['a lone surrogate', 'a\ud800b'],
    ['a lone surrogate in a key', new Map([['\udc00', 1]])],
    ['a byte order mark that begins a key', new Map([['\ufeffa', 1]])],
    ['a byte order mark that begins a long key', new Map([[`\ufeff${'a'.repeat(50)}`, 1]])],
    ['a byte order mark as a char', new Char('\ufeff')],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an integer beyond 2^53 − 1', 2 ** 53],
    ['a negative integer beyond it', -(2 ** 53)],
    ['a float of integral value beyond it', 1e300],
    ['a symbol with a mark', new Sym('x', 3)],
    ['a symbol that would not read back', new Sym('a b')],
    ['a symbol that is nil', new Sym('nil')],
    ['an empty symbol', new Sym('')],
    ['a keyword that would not read back', new Keyword('a b')],
    ['a char of two code points', new Char('ab')],
    ['a char that is a lone surrogate', new Char('\ud800')],
    ['a ratio that is not reduced', new Ratio(2, 4)],
    ['a ratio with too large a part', new Ratio(2 ** 53, 3)],
    ['a member outside a group', new MemberRef(0)],
    ['an export with a hygienic name', new ExportLink(link.cid, 'x#1')],
    ['a reference that nobody resolved', new Ref('x')],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a plain object', { a: 1 }],
    ['a big integer', 1n],
    ['a link in quoted data', [sym('quote'), [link]]],
    ['a link in a template', [sym('quasiquote'), [sym('a'), link]]],
    ['an export in quoted data', [sym('quote'), new ExportLink(link.cid, 'tw')]],
    ['an unquote in plain quoted data', [sym('quote'), [sym('unquote'), link]]],
  ]
  it.each(cases)('%s', (_, bad) => {
    expect(refusal(() => encodeNode(valueNode(bad as Value))).code).toBe('value-not-storable')
  })

  it('says where: the path from the node, the innermost list and the place in it', () => {
    const inner = [sym('b'), Number.NaN]
    const error = refusal(() =>
      encodeNode({ kind: 'component', params: [], body: [sym('a'), new Map([['k', [inner]]])] } as never),
    )
    expect(error.detail).toMatchObject({ path: ['body', 1, 'k', 0, 1], form: inner, index: 1 })
    expect(error.detail.form).toBe(inner)
    const shape = refusal(() => encodeShape({ kind: 'value', body: [inner] }, () => {}))
    expect(shape.detail).toMatchObject({ path: ['body', 0, 1], form: inner, index: 1 })
    const member = refusal(() => encodeNode({ kind: 'group', members: [{ kind: 'value', body: inner }] }))
    expect(member.detail).toMatchObject({ path: ['members', 0, 'body', 1], form: inner, index: 1 })
  })

  it('links to another codec or malformed ones keep their own code', () => {
    expect(refusal(() => encodeNode(valueNode(new Link('nonsense')))).code).toBe('cid-malformed')
  })
})

describe('limits', () => {
  const nested = (levels: number): Value => {
    let form: Value = 1
    for (let i = 0; i < levels; i++) form = [form]
    return form
  }
  it('512 levels with the envelope, no more; a cyclic value is refused like any other', () => {
    expect(decodeNode(encodeNode(valueNode(nested(511))))).toEqual(valueNode(nested(511)))
    expect(refusal(() => encodeNode(valueNode(nested(512)))).code).toBe('definition-too-large')
    expect(refusal(() => encodeNode(valueNode(nested(100_000)))).code).toBe('definition-too-large')
    const cyclic: Value[] = []
    cyclic.push(cyclic)
    expect(refusal(() => encodeNode(valueNode(cyclic))).code).toBe('definition-too-large')
    const char = new Char('a')
    let deep: Value = char
    for (let i = 0; i < 511; i++) deep = [deep]
    expect(refusal(() => encodeNode(valueNode(deep))).code).toBe('definition-too-large')
  })
  it('1 MiB to the byte', () => {
    // 23 bytes stand around the text and its head of 5 with the leading quote.
    const around = encodeNode(valueNode('')).length - 2
    const most = 2 ** 20 - around - 6
    expect(encodeNode(valueNode('a'.repeat(most))).length).toBe(2 ** 20)
    expect(refusal(() => encodeNode(valueNode('a'.repeat(most + 1)))).code).toBe('definition-too-large')
    expect(refusal(() => encodeNode(valueNode('é'.repeat(most)))).code).toBe('definition-too-large')
    expect(refusal(() => encodeNode(valueNode(Array(2 ** 21).fill(0)))).code).toBe('definition-too-large')
    expect(encodeNode(valueNode('a'))).toEqual(encodeNode(valueNode('a')))
  })
})
