// A site built from texts into a store in memory, behind a gateway.
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway, GatewayOptions } from '../../src/gateway/gateway-port.ts'
import type { BootBytes } from '../../src/publish/boot.ts'
import { createBuilder } from '../../src/publish/build.ts'
import type { SiteSettings } from '../../src/publish/build-port.ts'
import { createFiles } from '../../src/store/files.ts'
import { readFile, resolve } from '../../src/store/unixfs-read.ts'
import { createMemoryStore, type MemoryStore, sha256 } from './memory-store.ts'

export interface BuiltSite {
  readonly store: MemoryStore
  readonly gateway: Gateway
  readonly log: string[]
  /** name → CID, of the last build */
  names(): Readonly<Record<string, string>>
  /** writes these files and builds again, with other settings where they are given */
  build(
    files: Readonly<Record<string, string | Uint8Array>>,
    settings?: Partial<SiteSettings>,
  ): Promise<string>
  stop(): Promise<void>
}

const bytes = (text: string) => new TextEncoder().encode(text)

export const serveSite = async (
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<GatewayOptions> = {},
  boot: BootBytes = { loader: bytes('1'), kernel: bytes('2'), platform: bytes('3'), modules: new Map() },
  settings: Partial<SiteSettings> = {},
): Promise<BuiltSite> => {
  const folder = mkdtempSync(join(tmpdir(), 'sx-site-'))
  const store = createMemoryStore()
  const builderFor = (settings: Partial<SiteSettings>) =>
    createBuilder({
      folder,
      settings: { title: 't', lang: 'en', source: 'src', public: 'public', gateways: [], ...settings },
      boot,
      sha256,
      sha3: text => hash('sha3-256', text, 'hex'),
      files: createFiles(sha256),
      stored: store,
    })
  let builder = builderFor(settings)
  let names: Readonly<Record<string, string>> = {}
  const build: BuiltSite['build'] = async (more, other) => {
    if (other) builder = builderFor(other)
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const built = await builder.build()
    store.commit({ site: 'test', root: built.root, blocks: built.blocks, keep: 3, version: '0' })
    built.acknowledge()
    names = built.names()
    return built.root
  }
  await build(files)
  const log: string[] = []
  let made = 0
  const gateway = await createGateway({
    store,
    files: {
      resolve: (root, path) => resolve(store, root, path),
      read: (cid, range) => readFile(store, cid, range),
    },
    sha256,
    clock: Date.now,
    random: size => new Uint8Array(size).fill(++made),
    log: line => log.push(line),
    ...options,
  })
  return {
    store,
    gateway,
    log,
    names: () => names,
    build,
    stop: async () => {
      await gateway.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
