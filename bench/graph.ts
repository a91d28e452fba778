// From read sources to blocks: cold and one edit, against what nobody can avoid (@ipld/dag-cbor encode and node:crypto
// sha256 of the same nodes), in the same run.
//   node bench/graph.ts [definitions…]      lines for people on standard error, one JSON line each on standard output
import { createHash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import { createGraph, type Graph } from '../src/ipld/graph.ts'
import type { SourceUnit } from '../src/ipld/graph-files.ts'
import { contentId } from '../src/lang/canonical.ts'
import { read } from '../src/lang/reader.ts'
import { createRuntime } from '../src/runtime/runtime.ts'
import { type SourceFile, workload } from './workload.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

const createSite = (): Graph => {
  const runtime = createRuntime({
    definitions: { find: () => undefined, load: cid => Promise.reject(new Error(`no ${cid} here`)) },
    names: ref => graph.node(ref),
  })
  const graph = createGraph({ sha256, callMacro: runtime.callMacro, contentId })
  return graph
}

const readAll = (files: readonly SourceFile[]): SourceUnit[] =>
  files.map(({ path, text }) => ({ path, source: read(text, path) }))

const time = <T>(work: () => T): [ms: number, result: T] => {
  const start = performance.now()
  const result = work()
  return [performance.now() - start, result]
}
const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number
const round = (ms: number): number => Number(ms.toFixed(2))

/** Every string of a text in turn gets another letter: an edit that changes one definition and no reference. */
const edited = (file: SourceFile, turn: number): SourceFile => {
  let seen = 0
  return {
    ...file,
    text: file.text.replace(/ "[A-Z][a-z]+/g, match => (seen++ === turn ? `${match}x` : match)),
  }
}

const measure = (count: number): void => {
  const files = workload(count)
  const rounds = count > 20_000 ? 2 : 4
  let colds: number[] = []
  let floors: number[] = []
  let graph = createSite()
  let blocks: readonly { readonly bytes: Uint8Array }[] = []
  for (let i = 0; i < rounds; i++) {
    // What the last round made is garbage before this one is timed.
    graph = createSite()
    blocks = []
    const units = readAll(files)
    const [ms, update] = time(() => graph.update({ set: units }))
    if (update.errors.length > 0) throw update.errors[0]
    colds.push(ms)
    blocks = update.blocks
    const nodes = blocks.map(block => decode(block.bytes))
    const [floor] = time(() => {
      for (const node of nodes) sha256(encode(node))
    })
    floors.push(floor)
  }
  // The first round warms the compiler up.
  colds = colds.slice(1)
  floors = floors.slice(1)

  const edits: number[] = []
  const rehashed: number[] = []
  const random = (i: number) => Math.imul(i + 1, 2654435761) >>> 0
  for (let i = 0; i < 60; i++) {
    const file = files[random(i) % files.length] as SourceFile
    const next = edited(file, random(i + 1000) % 8)
    const [ms, update] = time(() => graph.update({ set: readAll([next]) }))
    if (update.errors.length > 0) throw update.errors[0]
    edits.push(ms)
    rehashed.push(update.hashed)
    graph.update({ set: readAll([file]) })
  }
  // A new definition that something old refers to: components are found anew.
  const structural: number[] = []
  for (let i = 0; i < 8; i++) {
    const file = files[random(i) % files.length] as SourceFile
    const text = `${file.text}\n(define (bench/extra depth) depth)\n(define (bench/user depth) (bench/extra depth))`
    const [ms] = time(() => graph.update({ set: readAll([{ ...file, text }]) }))
    structural.push(ms)
    graph.update({ set: readAll([file]) })
  }
  const cold = Math.min(...colds)
  const floor = Math.min(...floors)
  const result = {
    bench: 'graph',
    definitions: count,
    blocks: blocks.length,
    coldMs: round(cold),
    floorMs: round(floor),
    ratio: round(cold / floor),
    editMs: round(median(edits)),
    edit90Ms: round([...edits].sort((a, b) => a - b)[54] as number),
    hashedMean: Math.round(rehashed.reduce((a, b) => a + b, 0) / rehashed.length),
    newNameMs: round(median(structural)),
  }
  console.error(
    `graph of ${count}: cold ${result.coldMs} ms, floor ${result.floorMs} ms (${result.ratio}×); one edit ${result.editMs} ms, 90 % ${result.edit90Ms} ms, ${result.hashedMean} hashed; new name ${result.newNameMs} ms`,
  )
  console.log(JSON.stringify(result))
}

const counts = process.argv.slice(2).map(Number)
for (const count of counts.length > 0 ? counts : [1000, 10_000, 100_000]) measure(count)
