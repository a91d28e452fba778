// A builder of the workload's site, whose blocks lie in memory.
import { hash } from 'node:crypto'
import { sha256 } from '../src/app/sha256.ts'
import { readBoot } from '../src/publish/boot.ts'
import { createBuilder } from '../src/publish/build.ts'
import type { Builder } from '../src/publish/build-port.ts'
import { createFiles } from '../src/store/files.ts'

/** `blocks`: what was built before, by CID. */
export const builderOf = (folder: string, blocks: ReadonlyMap<string, Uint8Array>): Builder =>
  createBuilder({
    folder,
    settings: { title: 'bench', lang: 'en', source: '.', public: 'public', gateways: [] },
    boot: readBoot(),
    sha256,
    sha3: text => hash('sha3-256', text, 'hex'),
    files: createFiles(sha256),
    stored: { get: cid => blocks.get(cid) },
  })
