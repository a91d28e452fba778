// Builds for the kill test: 800 leaves of which 160 differ from one build to the next, in an index of 16 nodes.
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { nodeSha256 } from './sha256.ts'

export const SITE = 'site'

export function build(number: number): Block[] {
  const node = (label: string, below: readonly Block[]): Block =>
    blockOf(encode({ label, below: below.map(block => CID.parse(block.cid)) }), DAG_CBOR, nodeSha256)
  const leaves = Array.from({ length: 800 }, (_, i) =>
    node(`leaf ${i} ${Math.floor((number + (i % 5)) / 5)} ${'x'.repeat(200)}`, []),
  )
  const index = Array.from({ length: 16 }, (_, i) => node(`index ${i}`, leaves.slice(i * 50, i * 50 + 50)))
  return [...leaves, ...index, node(`root ${number}`, index)]
}
