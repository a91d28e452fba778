import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { unixfs } from '@helia/unixfs'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagPb from '@ipld/dag-pb'
import { load as loadHashMap } from 'ipld-hashmap'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNode } from '../../src/store/helia.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { build, createSandbox, example, jsonLines, type Report, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
let report: Report
let database: DatabaseSync
beforeAll(async () => {
  sandbox = createSandbox()
  report = await build(sandbox, example)
  database = new DatabaseSync(sandbox.store, { readOnly: true })
})
afterAll(async () => {
  database?.close()
  await sandbox?.stop()
})

/** A block from the file, checked here and by nothing of ours. */
const load = (cid: CID): Uint8Array => {
  const row = database.prepare('SELECT bytes FROM blocks WHERE digest = ?').get(cid.multihash.digest)
  if (row === undefined) throw new Error(`the store has no ${cid}`)
  const bytes = row.bytes as Uint8Array
  expect(Buffer.from(cid.multihash.digest)).toEqual(createHash('sha256').update(bytes).digest())
  return bytes
}
interface Codec {
  decode(block: Uint8Array): unknown
  encode(value: never): Uint8Array
}
const codecs: Readonly<Record<number, Codec>> = {
  [dagCbor.code]: dagCbor,
  [raw.code]: raw,
  [dagPb.code]: dagPb,
}
const linksIn = (value: unknown): readonly CID[] => {
  const cid = CID.asCID(value)
  if (cid !== null) return [cid]
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(linksIn)
}

describe('blocks, read by @ipld/dag-cbor and multiformats alone', () => {
  it('lead from the root to every definition by its name, each a node of a known kind', async () => {
    const root = dagCbor.decode<{ sx: number; kind: string; names: CID; pages: CID }>(
      load(CID.parse(report.root)),
    )
    expect(root).toMatchObject({ sx: 1, kind: 'site' })
    const map = async (cid: CID): Promise<Map<string, unknown>> => {
      const loader = { get: async (at: CID) => load(at), put: () => Promise.reject(new Error('read only')) }
      const opened = await loadHashMap(
        loader as never,
        cid as never,
        {
          blockHasher: sha256 as never,
          blockCodec: dagCbor as never,
          hasher: sha256 as never,
          hashBytes: 32,
          bitWidth: 5,
          bucketSize: 3,
        } as never,
      )
      const found = new Map<string, unknown>()
      for await (const [key, value] of opened.entries()) found.set(key, value)
      return found
    }
    const names = await map(root.names)
    expect(Object.fromEntries([...names].map(([name, cid]) => [name, String(cid)]))).toEqual(report.names)
    const kinds = new Set(
      [...names.values()].map(cid => dagCbor.decode<{ kind: string }>(load(cid as CID)).kind),
    )
    expect([...kinds].sort()).toEqual(['component', 'island', 'library', 'macro', 'member', 'value', 'wasm'])
    const pages = await map(root.pages)
    expect([...pages.keys()].sort()).toEqual(report.pages.map(({ path }) => path).sort())
  })

  it('are all there: a walk over every link finds as many blocks as the build says, none missing, none in another form', () => {
    const seen = new Set<string>()
    let bytes = 0
    const waiting = [CID.parse(report.root)]
    for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
      if (seen.has(cid.toString())) continue
      seen.add(cid.toString())
      const block = load(cid)
      bytes += block.length
      const codec = codecs[cid.code]!
      const value = codec.decode(block)
      expect(Buffer.compare(codec.encode(value as never), block), `${cid} is canonical`).toBe(0)
      waiting.push(...linksIn(value))
    }
    expect({ blocks: seen.size, bytes }).toEqual({ blocks: report.blocks, bytes: report.bytes })
  })

  it('hold the names of other definitions nowhere: what a definition needs is a link in its place', () => {
    const card = dagCbor.decode<{ body: unknown }>(load(CID.parse(report.names['~market/card']!)))
    const links = linksIn(card.body).map(String)
    expect(links).toEqual(
      expect.arrayContaining([
        report.names['~ui/card'],
        report.names['~market/price'],
        report.names['market/href'],
      ]),
    )
    expect(JSON.stringify(card)).not.toContain('~ui/card')
  })
})

describe('Helia over the same file', () => {
  it('sees the root pinned, and reads the site’s files through @helia/unixfs', async () => {
    const store = openStore({
      path: sandbox.store,
      sha256: bytes => createHash('sha256').update(bytes).digest(),
      version: 'test',
    })
    const helia = await createNode(store)
    try {
      const root = CID.parse(report.root)
      expect(await helia.pins.isPinned(root)).toBe(true)
      const pinned: string[] = []
      for await (const { cid } of helia.pins.ls()) pinned.push(cid.toString())
      expect(pinned).toContain(report.root)
      const files = dagCbor.decode<{ files: CID }>(load(root)).files
      const fs = unixfs(helia)
      const read = async (path: string): Promise<Buffer> => {
        const parts: Uint8Array[] = []
        for await (const part of fs.cat(files, { path })) parts.push(part)
        return Buffer.concat(parts)
      }
      expect(await read('site.css')).toEqual(readFileSync(join(example, 'public/site.css')))
      expect((await read('market/rye-loaf/index.html')).toString()).toContain('<h1>Rye loaf</h1>')
      const entries: string[] = []
      for await (const { name } of fs.ls(files)) entries.push(name!)
      expect(entries.sort()).toEqual([
        '404.html',
        'blog',
        'cart',
        'events',
        'federation',
        'index.html',
        'market',
        'rose.svg',
        'search',
        'site.css',
      ])
    } finally {
      await helia.stop()
      store.close()
    }
  })
})

describe('sx inspect', () => {
  const inspect = async (
    ...args: string[]
  ): Promise<{ status: number | null; out: string; err: string; json: Record<string, unknown>[] }> => {
    const ran = await sandbox.run(['inspect', ...args, '--dir', example])
    return { ...ran, json: [...jsonLines(ran.out)] }
  }

  it('takes a name, a CID, a page or a source file for the same definition', async () => {
    const cid = report.names['~market/card']!
    const [byName, byCid, byFile, byPage] = await Promise.all([
      inspect('~market/card', '--json'),
      inspect(cid, '--json'),
      inspect(join(example, 'src/market/market.sx'), '--json'),
      inspect('/market', '--json'),
    ])
    expect(byName.json).toEqual(byCid.json)
    expect(byName.json[0]).toMatchObject({
      cid,
      kind: 'component',
      names: ['~market/card'],
      source: expect.stringMatching(/^market\/market\.sx:\d+$/),
    })
    expect(byFile.json.map(one => one.cid)).toEqual(
      expect.arrayContaining([cid, report.names['~market/filter']]),
    )
    expect(byPage.json[0]).toMatchObject({
      kind: 'page',
      cid: report.pages.find(({ path }) => path === '/market')?.cid,
    })
  })

  it('walks the graph: what a definition uses lists it among what uses them', async () => {
    const deps = (await inspect('~market/card', '--as', 'deps', '--json')).json[0]!.dependencies as {
      names: string[]
      cid: string
    }[]
    expect(deps.flatMap(({ names }) => names)).toEqual(
      expect.arrayContaining(['~ui/card', '~market/price', '~market/stock', 'market/href']),
    )
    const back = (await inspect('~ui/card', '--as', 'dependents', '--json')).json[0]!.dependents as {
      names: string[]
    }[]
    expect(back.flatMap(({ names }) => names)).toEqual(
      expect.arrayContaining(['~market/card', '~blog/card', '~events/card']),
    )
    const tree = (await inspect('~market/card', '--as', 'tree')).out
    expect(tree).toMatch(/~market\/card.*\n.*~ui\/card/)
  })

  it('shows code that can be read, and DAG-JSON that is the block', async () => {
    const text = (await inspect('~market/price', '--as', 'sx')).out
    expect(text).toContain('(defcomp ~market/price (&key good)')
    expect(text).toContain('@x:')
    const json = (await inspect('~market/price', '--as', 'dag-json')).out
    expect(JSON.parse(json)).toMatchObject({ sx: 1, kind: 'component' })
    expect(json).toContain('{"/":"bafyrei')
  })

  it('says what is near a name that is not there', async () => {
    const ran = await inspect('~market/crad')
    expect([ran.status, ran.out]).toEqual([3, ''])
    expect(ran.err).toContain('~market/card')
  })
})
