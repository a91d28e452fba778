// Bytes of a page on its way: packs and patches against a CAR, single blocks, and the same definitions' source as one
// brotli bundle: node bench/packs.ts 1000 10000. Prints one JSON line for each size. No time is measured.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { sha256 } from '../src/app/sha256.ts'
import { gzip } from '../src/ipld/gzip.ts'
import { patchBetween } from '../src/ipld/make-patch.ts'
import { nodesOfPage } from '../src/ipld/page-nodes.ts'
import { openSite } from '../src/ipld/site.ts'
import { writePack } from '../src/ipld/write-pack.ts'
import { type SourceFile, workload } from './workload.ts'
import { builderOf } from './workload-site.ts'

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
const br = (bytes: Uint8Array): number => brotliCompressSync(bytes).length

/** A CARv1's sections (CAR specification): length, CID, block. */
const carOf = (blocks: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    new Uint8Array(59),
    ...blocks.flatMap(block => {
      const size = 36 + block.length
      const cid = Buffer.concat([Buffer.from('01711220', 'hex'), sha256(block)])
      return [size < 128 ? Buffer.of(size) : Buffer.of((size & 127) | 128, size >> 7), cid, block]
    }),
  ])

const measure = async (count: number, folder: string, sources: readonly SourceFile[]) => {
  const texts = sources.map(({ text }) => text)
  const blocks = new Map<string, Uint8Array>()
  const get = (cid: string): Uint8Array => blocks.get(cid)!
  const builder = builderOf(folder, blocks)
  const build = async (changed?: readonly string[]) => {
    const built = await builder.build({ changed })
    for (const { cid, bytes } of built.blocks) blocks.set(cid, bytes)
    built.acknowledge()
    return { built, pages: [...openSite(built.root, { sha256, load: get }).pages()] }
  }
  const { built, pages } = await build()

  // The text of each definition, by the CIDs of its names: what a bundle would hold.
  const textOf = new Map<string, string>()
  const names = built.names()
  for (const text of texts)
    for (const one of text.split(/\n(?=\()/)) {
      const name = /^\(\w+ \(?([^\s()]+)/.exec(one)?.[1]
      const cid = name === undefined ? undefined : names[name]
      if (cid !== undefined) textOf.set(cid, one)
    }

  const rows = pages.map(({ page, packs }) => {
    const { order, nodes } = nodesOfPage(page, get)
    const all = order.map(get)
    return {
      nodes: order.length,
      blocks: sum(all.map(block => block.length)),
      singly: sum(all.map(block => Math.min(br(block), block.length))),
      car: br(carOf(all)),
      bundle: br(Buffer.from(order.map(cid => textOf.get(cid) ?? '').join('\n'))),
      onePack: gzip(writePack(nodes)).length,
      shared: packs.length > 1 ? get(packs[0]!).length : 0,
      own: sum(packs.slice(packs.length > 1 ? 1 : 0).map(cid => get(cid).length)),
    }
  })
  const of = (key: keyof (typeof rows)[number]): number => median(rows.map(row => row[key]))

  // One word in one definition, as an editor saves it; every page that it changes gets a patch.
  const patches: number[] = []
  const instead: number[] = []
  let none = 0
  let before = pages
  const files = texts.map((text, i) => ({ text, i })).filter(({ text }) => /"[a-z]{3,}[^"\\]*"/.test(text))
  for (let e = 0; e < 40; e++) {
    const { i } = files[(e * 7919) % files.length]!
    const { path } = sources[i]!
    const text = readFileSync(join(folder, path), 'utf8')
    const at = [...text.matchAll(/"([a-z]{3,}[^"\\]*)"/g)]
    const hit = at[(e * 31) % at.length]!
    writeFileSync(join(folder, path), `${text.slice(0, hit.index + 1)}edit ${e} ${text.slice(hit.index + 1)}`)
    const { pages: now } = await build([path])
    for (const { path: route, page, packs } of now) {
      const old = before.find(one => one.path === route)!
      if (old.page === page) continue
      const patch = await patchBetween(old.page, page, get, sha256)
      if (patch === undefined) none++
      else patches.push(patch.length)
      instead.push(sum(packs.filter(cid => !old.packs.includes(cid)).map(cid => get(cid).length)))
    }
    before = now
  }
  patches.sort((a, b) => a - b)
  console.log(
    JSON.stringify({
      definitions: count,
      pages: pages.length,
      nodes: of('nodes'),
      blocks: of('blocks'),
      singlyBrotli: of('singly'),
      carBrotli: of('car'),
      bundleBrotli: of('bundle'),
      onePack: of('onePack'),
      shared: of('shared'),
      own: of('own'),
      patches: patches.length,
      none,
      patch: median(patches),
      patch90: patches[Math.floor(patches.length * 0.9)],
      patchMost: patches.at(-1),
      packsInstead: median(instead),
    }),
  )
}

const folder = mkdtempSync(join(tmpdir(), 'sx-packs-'))
try {
  for (const count of process.argv.slice(2).map(Number)) {
    const files = workload(count)
    const site = join(folder, String(count))
    for (const { path, text } of files) {
      mkdirSync(dirname(join(site, path)), { recursive: true })
      writeFileSync(join(site, path), text)
    }
    await measure(count, site, files)
  }
} finally {
  rmSync(folder, { recursive: true })
}
