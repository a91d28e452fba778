// The releases of a site as this machine knows them: a chain in the store's records, newest last.
import { blockOf } from '../ipld/block.ts'
import { DAG_CBOR } from '../ipld/cid.ts'
import { encodeNode } from '../ipld/encode.ts'
import type { ReleaseNode } from '../ipld/kinds.ts'
import { readRelease, signedPart, type Unsigned } from '../ipld/release.ts'
import type { Block, RecordChange, Records, Sha256 } from '../ports.ts'
import type { SigningKey } from './signing-key.ts'

export interface Release {
  readonly cid: string
  /** its block; the record keeps it also when the blocks below are collected */
  readonly bytes: Uint8Array
  readonly node: ReleaseNode
  /** the release directory that was published for it */
  readonly directory: string
}

export interface Releases {
  /** all that have one */
  sites(): readonly string[]
  /** oldest first */
  all(site: string): Release[]
  newest(site: string): Release | undefined
  /** what a commit writes to make it known */
  record(site: string, release: Release): RecordChange
}

const PAGE = 512
const prefixOf = (site: string): string => `/sx/release/${encodeURIComponent(site)}/`
/** Of one width, so that keys are in the order of the numbers. */
const keyOf = (site: string, sequence: number): string => prefixOf(site) + String(sequence).padStart(10, '0')

export const createReleases = (records: Records, sha256: Sha256): Releases => {
  const read = (value: Uint8Array): Release => {
    const { directory, release } = JSON.parse(new TextDecoder().decode(value)) as {
      directory: string
      release: string
    }
    const bytes = new Uint8Array(Buffer.from(release, 'base64'))
    return { cid: blockOf(bytes, DAG_CBOR, sha256).cid, bytes, node: readRelease(bytes), directory }
  }
  const all = (site: string): Release[] => {
    const found: Release[] = []
    const prefix = prefixOf(site)
    for (
      let page = records.page(prefix, '', PAGE);
      page.length > 0;
      page = records.page(prefix, page.at(-1)!.key, PAGE)
    )
      for (const { value } of page) found.push(read(value))
    return found
  }
  return {
    sites: () => {
      const found: string[] = []
      const top = '/sx/release/'
      // from one site to the next: a tilde comes after every digit
      for (
        let [first] = records.page(top, '', 1);
        first !== undefined;
        [first] = records.page(top, `${top}${encodeURIComponent(found.at(-1)!)}/~`, 1)
      )
        found.push(decodeURIComponent(first.key.slice(top.length).split('/')[0]!))
      return found
    },
    all,
    newest: site => all(site).at(-1),
    record: (site, { node, bytes, directory }) => [
      keyOf(site, node.sequence),
      new TextEncoder().encode(JSON.stringify({ directory, release: Buffer.from(bytes).toString('base64') })),
    ],
  }
}

/**
 * Signs a release of `what`. `old`: the key of the release before, when it is another one. The clock may have been set
 * back since: a release is never older than the one before it.
 */
export const signRelease = (
  what: Pick<Unsigned, 'root' | 'patches'> & { readonly before: Release | undefined; readonly now: number },
  key: SigningKey,
  old: SigningKey | undefined,
  sha256: Sha256,
): Block & { readonly node: ReleaseNode } => {
  const { root, patches, before, now } = what
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`
  const unsigned: Unsigned = {
    root,
    sequence: (before?.node.sequence ?? 0) + 1,
    time: before !== undefined && before.node.time > time ? before.node.time : time,
    publisher: key.publisher,
    ...(before !== undefined && { previous: before.cid }),
    patches,
  }
  const message = signedPart(unsigned)
  const node: ReleaseNode = {
    kind: 'release',
    ...unsigned,
    signature: key.sign(message),
    ...(old !== undefined && { handover: old.sign(message) }),
  }
  return { ...blockOf(encodeNode(node), DAG_CBOR, sha256), node }
}
