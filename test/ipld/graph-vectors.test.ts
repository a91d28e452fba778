// Golden vectors: sources → DAG-JSON → CIDs. The blocks are made again from their DAG-JSON by other people's code.
import { readFileSync } from 'node:fs'
import { code, encode } from '@ipld/dag-cbor'
import { parse } from '@ipld/dag-json'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { createSite } from '../support/graph-site.ts'

interface Vector {
  readonly title: string
  readonly files: Readonly<Record<string, string>>
  readonly names?: Readonly<Record<string, string>>
  readonly pages?: Readonly<Record<string, string>>
  readonly blocks?: Readonly<Record<string, unknown>>
  readonly errors?: readonly string[]
}

const vectors = JSON.parse(readFileSync('test/vectors/ipld/graph.json', 'utf8')) as Vector[]

describe('sources', () => {
  for (const { title, files, names, pages = {}, blocks = {}, errors = [] } of vectors)
    it(title, async () => {
      const site = createSite()
      const update = site.update(files)
      expect(
        update.errors.map(
          ({ code, message, detail }) =>
            `${code} ${detail.place?.file}:${detail.place?.line}:${detail.place?.column} ${message}`,
        ),
      ).toEqual(errors)
      expect([site.names(), site.pages()]).toEqual([names ?? {}, pages])
      expect([...site.blocks.keys()].sort()).toEqual(Object.keys(blocks).sort())
      for (const [cid, json] of Object.entries(blocks)) {
        const bytes = new Uint8Array(encode(parse(JSON.stringify(json))))
        expect(CID.createV1(code, await sha256.digest(bytes)).toString()).toBe(cid)
        expect(site.blocks.get(cid)?.bytes).toEqual(bytes)
      }
    })
})
