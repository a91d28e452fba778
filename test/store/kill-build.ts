// Builds for the kill test: 2,000 leaves of which 400 differ from one build to the next, in an index of 40 nodes.
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
  const leaves = Array.from({ length: 2000 }, (_, i) =>
    node(`leaf ${i} ${Math.floor((number + (i % 5)) / 5)} ${'x'.repeat(200)}`, []),
  )
  const index = Array.from({ length: 40 }, (_, i) => node(`index ${i}`, leaves.slice(i * 50, i * 50 + 50)))
  return [...leaves, ...index, node(`root ${number}`, index)]
}
