import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import { fromDSL } from '@ipld/schema/from-dsl.js'
import { create } from '@ipld/schema/typed.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeNode } from '../../src/ipld/encode.ts'
import { fieldsOf, kinds } from '../../src/ipld/node.ts'
import { value } from '../support/arbitrary-values.ts'
import { nodeFromVector, type VectorNode } from '../support/node-from-vector.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const schema = fromDSL(read('../../src/ipld/schema.ipldsch'))
// The package builds no recursive types, so the two types that close the circle are given to it as programs.
const every = (items: string): string =>
  `obj => (${items}.every(item => Types.Value(item) !== undefined) ? obj : undefined)`
const same = 'obj => obj'
const { toTyped, toRepresentation } = create(schema, 'Node', {
  customTransforms: {
    List: { toTyped: every('Array.isArray(obj) && obj'), toRepresentation: same },
    Dict: { toTyped: every('Object.values(obj)'), toRepresentation: same },
  },
})
const nodes: { name: string; node: VectorNode }[] = JSON.parse(read('../vectors/ipld/nodes.json')).vectors

describe('the IPLD schema', () => {
  it.each(nodes.map(({ name, node }) => [name, node] as const))(
    'fits the block of a %s, both ways',
    (_, node) => {
      const data = dagCbor.decode<object>(encodeNode(nodeFromVector(node)))
      const typed = toTyped(data)
      expect(typed).toBeDefined()
      expect(dagCbor.encode(toRepresentation(typed))).toEqual(dagCbor.encode(data))
    },
  )

  it('has a row for every kind, with the same fields as the table that encodes', () => {
    const union = schema.types.Node as {
      union: { representation: { inline: { discriminantTable: Record<string, string> } } }
    }
    const table = union.union.representation.inline.discriminantTable
    expect(Object.keys(table).sort()).toEqual(Object.keys(kinds).sort())
    for (const [kind, type] of Object.entries(table)) {
      const named = schema.types[type] as { copy?: { fromType: string } }
      const struct = schema.types[named.copy?.fromType ?? type] as {
        struct: { fields: Record<string, object> }
      }
      expect(Object.keys(struct.struct.fields).sort()).toEqual(
        ['sx', ...Object.keys(fieldsOf(kind) ?? {})].sort(),
      )
    }
    expect(new Set(nodes.map(({ node }) => node.kind))).toEqual(new Set(Object.keys(kinds)))
  })

  it('fits any value that can be stored', () => {
    fc.assert(
      fc.property(value, body => {
        let bytes: Uint8Array
        try {
          bytes = encodeNode({ kind: 'value', body })
        } catch {
          return
        }
        expect(toTyped(dagCbor.decode<object>(bytes))).toBeDefined()
      }),
    )
  })

  it.each<[string, object]>([
    ['an unknown kind', { sx: 1, kind: 'thing' }],
    ['an unknown field', { sx: 1, kind: 'value', body: 1, more: 1 }],
    ['a missing field', { sx: 1, kind: 'component', body: [] }],
    ['a body that is no list', { sx: 1, kind: 'component', params: [], body: 'x' }],
    ['bytes as a value', { sx: 1, kind: 'value', body: new Uint8Array(1) }],
  ])('does not fit %s', (_, data) => {
    expect(toTyped(data)).toBeUndefined()
  })
})
