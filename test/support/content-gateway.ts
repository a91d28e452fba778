// A gateway over a store in memory with content of every sort: what the ported checks ask.
import { encode as encodeCbor } from '@ipld/dag-cbor'
import { encode as encodeJson } from '@ipld/dag-json'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { type ContentSetting, composeContent } from '../../src/app/content.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway, GatewayOptions, Injected } from '../../src/gateway/gateway-port.ts'
import { DAG_JSON, JSON_CODEC } from '../../src/ipld/any-cid.ts'
import { DAG_CBOR, RAW, SHA2_256 } from '../../src/ipld/cid.ts'
import { createFiles } from '../../src/store/files.ts'
import { nameRecords } from '../../src/store/name-records.ts'
import { type LocalStore, openStore } from '../../src/store/sqlite.ts'
import { nameRecord, newNameKey } from './ipns.ts'
import { sha256 } from './memory-store.ts'

export const large = Uint8Array.from({ length: 3_500_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24)

/** The site: a page, files of several types, a large one, a directory without a page, rules. */
export const siteFiles: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': '<!doctype html><title>Home</title>',
  _redirects: [
    '# rules',
    '/old /new.html',
    '/old-302 /new.html 302',
    '/posts/:year/:name /articles/:year/:name 308',
    '/splat/* /moved/:splat 301',
    '/away/* https://example.net/:splat?a=1 301',
    '/app/* /index.html 200',
    '/lost/* /404.html 404',
    '/gone/* /404.html 410',
    '/law/* /404.html 451',
  ].join('\r\n'),
  '404.html': '<!doctype html><title>Lost</title>',
  'docs/a file.txt': 'plain text\n',
  'docs/ąę.txt': 'text\n',
  'docs/data': '{"json": true}',
  'docs/picture': Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]),
  'docs/page': '<!doctype html><p>no ending',
  'docs/scripted.svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
  'large.bin': large,
}

export interface ContentFixture {
  readonly store: LocalStore
  readonly root: string
  readonly docs: string
  readonly cids: {
    readonly text: string
    readonly large: string
    readonly cbor: string
    readonly json: string
    readonly plainJson: string
    readonly brokenRules: string
  }
  readonly key: string
  readonly names: ReturnType<typeof nameRecords>
  put(bytes: Uint8Array, codec: number): CID
  gateway(setting?: Partial<ContentSetting>, options?: Partial<GatewayOptions>): Promise<Gateway>
}

export async function contentFixture(): Promise<ContentFixture> {
  const store = openStore({ path: ':memory:', sha256, version: 'test' })
  const put = (bytes: Uint8Array, codec: number): CID => {
    const digest = sha256(bytes)
    store.blocks.put([{ digest, bytes }])
    return CID.createV1(codec, create(SHA2_256, digest))
  }
  const builder = createFiles(sha256)
  const tree = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<string> => {
    const made = builder.tree()
    for (const [path, content] of Object.entries(files)) {
      const file = await builder.addFile(
        typeof content === 'string' ? new TextEncoder().encode(content) : content,
      )
      for (const { bytes } of file.blocks) put(bytes, RAW)
      made.set(path, file)
    }
    const { cid, blocks } = made.root()
    for (const { bytes } of blocks) put(bytes, RAW)
    return cid
  }
  const root = await tree(siteFiles)
  const docs = await tree(
    Object.fromEntries(
      Object.entries(siteFiles).flatMap(([path, content]) =>
        path.startsWith('docs/') ? [[path.slice(5), content]] : [],
      ),
    ),
  )
  const text = put(new TextEncoder().encode('plain text\n'), RAW)
  const json = put(encodeJson({ to: text, list: [1, 2] }), DAG_JSON)
  const cbor = put(encodeCbor({ file: text, deeper: { json, number: 1 } }), DAG_CBOR)
  const names = nameRecords(store.records)
  const key = newNameKey()
  names.put(key.name, nameRecord(key, { value: `/ipfs/${root}`, ttl: 120_000_000_000n }))
  const { base36 } = await import('multiformats/bases/base36')
  const dns: Readonly<Record<string, string>> = {
    '_dnslink.site.example.org': `dnslink=/ipfs/${root}`,
    '_dnslink.docs-only.example.org': `dnslink=/ipfs/${root}/docs`,
    '_dnslink.by-name.example.org': `dnslink=/ipns/${key.name.toString(base36)}`,
    '_dnslink.loop.example.org': 'dnslink=/ipns/loop.example.org',
  }
  const { cid: largeCid } = await builder.addFile(large)
  return {
    store,
    root,
    docs,
    names,
    put,
    key: key.name.toString(base36),
    cids: {
      text: `${text}`,
      large: largeCid,
      cbor: `${cbor}`,
      json: `${json}`,
      plainJson: `${put(new TextEncoder().encode('{"a":1}'), JSON_CODEC)}`,
      brokenRules: await tree({ _redirects: '/a /b 301!', 'index.html': 'x' }),
    },
    gateway: (setting, options) =>
      createGateway({
        store,
        files: { resolve: () => undefined, read: () => [] },
        sha256,
        clock: Date.now,
        ...options,
        content: composeContent({
          store,
          hosts: { 'gw.example': 'subdomain', 'only.example': 'trustless', 'site.example': 'site' },
          dnslink: true,
          forwarded: true,
          fetch: [],
          txt: async name => (dns[name] === undefined ? [] : [dns[name]]),
          ...setting,
        }),
      }),
  }
}

export type Headers = Readonly<Record<string, string>>

/** Asks as a client of `host` would. */
export const asker =
  (gateway: Gateway, host = '127.0.0.1:80') =>
  (
    url: string,
    headers: Headers = {},
    method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' = 'GET',
  ): Promise<Injected> =>
    gateway.inject({ method, url, headers: { host, ...headers } })
