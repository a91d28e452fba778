// How fast nodes are encoded and decoded, against @ipld/dag-cbor on the same blocks, in the same run; and HashMaps built.
//   node bench/codec.ts [definitions]      a line for people on standard error, one JSON line on standard output
import { hash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { cidOf, DAG_CBOR } from '../src/ipld/cid.ts'
import { decodeNode } from '../src/ipld/decode.ts'
import { encodeNode } from '../src/ipld/encode.ts'
import { hashMapFrom } from '../src/ipld/hashmap.ts'
import type { Node } from '../src/ipld/kinds.ts'
import { linksIn } from '../src/ipld/links.ts'
import { read } from '../src/lang/reader.ts'
import { isList, Link, type List, Ref, Sym, type Value } from '../src/lang/values.ts'
import { workload } from './workload.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
const count = Number(process.argv[2] ?? 10_000)
const forms = workload(count).flatMap(({ text, path }) => [...read(text, path).forms] as List[])
const nameOf = (form: List): string => (form[1] instanceof Sym ? form[1].name : '')
const links = new Map(
  forms.map(form => [nameOf(form), new Link(cidOf(DAG_CBOR, sha256(Buffer.from(nameOf(form)))))]),
)

/** Every symbol that names a definition is a reference: near enough to what expansion finds. */
const referring = (value: Value): Value =>
  value instanceof Sym && links.has(value.name)
    ? new Ref(value.name)
    : isList(value)
      ? value.map(referring)
      : value
const nodes = forms
  .filter(form => nameOf(form) !== '' && (form[0] as Sym).name !== 'defpage')
  .map((form): Node => {
    const rest = form.slice(2).map(referring)
    return isList(rest[0]) && rest.length > 1
      ? { kind: 'component', params: rest[0], body: rest.slice(1) }
      : { kind: 'value', body: rest[0] ?? null }
  })
const resolve = (ref: Ref): Link => links.get(ref.name) as Link

const blocks = nodes.map(node => encodeNode(node, resolve))
const plain = blocks.map(block => dagCbor.decode(block))
for (const [i, data] of plain.entries()) {
  if (!Buffer.from(dagCbor.encode(data)).equals(blocks[i] as Uint8Array))
    throw new Error('the two codecs differ')
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!
const tasks: Record<string, () => void> = {
  encode: () => {
    for (const node of nodes) encodeNode(node, resolve)
  },
  peerEncode: () => {
    for (const data of plain) dagCbor.encode(data)
  },
  decode: () => {
    for (const block of blocks) decodeNode(block)
  },
  peerDecode: () => {
    for (const block of blocks) dagCbor.decode(block)
  },
  linksIn: () => {
    for (const block of blocks) linksIn(block)
  },
  sha256: () => {
    for (const block of blocks) cidOf(DAG_CBOR, sha256(block))
  },
  hashMap: () => {
    hashMapFrom(links, { sha256 }).put(bytes => cidOf(DAG_CBOR, sha256(bytes)))
  },
}
const times = new Map(Object.keys(tasks).map(name => [name, [] as number[]]))
for (let round = 0; round < 13; round++) {
  for (const [name, run] of Object.entries(tasks)) {
    const start = performance.now()
    run()
    // The first rounds warm the compiler up.
    if (round > 2) times.get(name)!.push(performance.now() - start)
  }
}
const ms = Object.fromEntries(
  [...times].map(([name, all]) => [name, Number(median(all).toFixed(1))]),
) as Record<string, number>
const result = {
  bench: 'codec',
  definitions: nodes.length,
  bytes: blocks.reduce((sum, block) => sum + block.length, 0),
  ms,
  encodeRatio: Number((ms.encode! / ms.peerEncode!).toFixed(2)),
  decodeRatio: Number((ms.decode! / ms.peerDecode!).toFixed(2)),
}
console.error(
  `${nodes.length} definitions, ${(result.bytes / 1e6).toFixed(1)} MB: encode ${ms.encode} ms (@ipld/dag-cbor ${ms.peerEncode}: ${result.encodeRatio}×), ` +
    `decode ${ms.decode} ms (${ms.peerDecode}: ${result.decodeRatio}×), links ${ms.linksIn} ms, ` +
    `sha-256 and CIDs ${ms.sha256} ms, one HashMap ${ms.hashMap} ms`,
)
console.log(JSON.stringify(result))
