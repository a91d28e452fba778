// Files of the runtime: several modules as one, so that a page asks once, and what its policy says of them. Each module is
// a file by itself too.
import { blockOf } from '../ipld/block.ts'
import { RAW } from '../ipld/cid.ts'
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import { AS_SCRIPT } from '../ipld/runtime-file.ts'
import type { Block, Sha256 } from '../ports.ts'
import type { BootBytes } from './boot.ts'
import { hashSource } from './csp.ts'

/** One file of these modules: a dict of functions by CID. `codes`: the modules' files by CID, in the file's order. */
export const joined = (codes: ReadonlyMap<string, Uint8Array>): Uint8Array => {
  const entries = [...codes].map(([cid, code]) => `"${cid}":${new TextDecoder().decode(code)}`)
  return new TextEncoder().encode(`{${entries}}`)
}

/** Client modules that every page of a site uses once it lives. */
export interface Wants {
  readonly navigation: boolean
  readonly offline: boolean
  readonly status: boolean
}

export interface Parts {
  /** The CIDs of the files that a page's modules travel in: what its islands need, if anything; then the rest. */
  of(page: Pick<PageTarget, 'runtime' | 'live'>): readonly string[]
  /** For the policy of a page with this manifest: hashes of the scripts that its loader may run, and of the loader. */
  scripts(manifest: Pick<Manifest, 'parts' | 'routes'>): readonly string[]
  /** Emits those of these files that the last call did not name. */
  emit(cids: Iterable<string>): void
}

/** `cids`: of the modules of `boot`, by name. */
export const createParts = (
  boot: BootBytes,
  cids: ReadonlyMap<string, string>,
  wants: Wants,
  sha256: Sha256,
  emit: (block: Block) => void,
): Parts => {
  const codes = new Map([...boot.modules].map(([name, code]) => [cids.get(name)!, code]))
  const always = [
    'page',
    'ways',
    ...(wants.navigation ? ['navigate'] : []),
    ...(wants.status ? ['status'] : []),
    ...(wants.offline ? ['offline'] : []),
  ].flatMap(name => cids.get(name) ?? [])
  const hashOf = (start: string, code: Uint8Array): string =>
    hashSource(start + new TextDecoder().decode(code), sha256)
  const loader = hashOf('', boot.loader)
  const kernel = hashOf(AS_SCRIPT, boot.kernel)
  /** by the CID of a file of several */
  const hashes = new Map<string, string>()
  /** by the CIDs of their modules */
  const files = new Map<string, Block>()
  const fileOf = (modules: readonly string[]): readonly string[] => {
    const key = modules.join()
    if (key === '') return []
    const known = files.get(key)
    if (known) return [known.cid]
    const made = blockOf(joined(new Map(modules.map(cid => [cid, codes.get(cid)!]))), RAW, sha256)
    files.set(key, made)
    hashes.set(made.cid, hashOf(AS_SCRIPT, made.bytes))
    return [made.cid]
  }
  let emitted = new Set<string>()
  return {
    of: ({ runtime = [], live = [] }) => [
      ...fileOf(live),
      ...fileOf([...always, ...runtime.filter(cid => !live.includes(cid))]),
    ],
    scripts: ({ parts = [], routes = [] }) => {
      // In the manifest's order: what was built before must not show.
      const named = [...parts, ...routes.flatMap(route => route.parts ?? [])]
      return [loader, kernel, ...named.map(cid => hashes.get(cid)!)]
    },
    emit(cids) {
      const now = new Set(cids)
      for (const block of files.values()) if (now.has(block.cid) && !emitted.has(block.cid)) emit(block)
      emitted = now
    },
  }
}
