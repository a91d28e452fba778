// The site's service worker as a file: the client's, with what it has to know of this release in front of it.
import { SxError } from '../errors.ts'
import type { Sha256 } from '../ports.ts'
import type { BootBytes } from './boot.ts'
import { hashSource } from './csp.ts'
import type { FileLink } from './public-files.ts'

export const workerName = 'sx-worker.js'

export interface WorkerOptions {
  /** undefined: there is no worker; false: one that readers have takes itself away */
  readonly offline: boolean | undefined
  readonly boot: BootBytes
  readonly sha256: Sha256
  /** what pages come of */
  readonly says: readonly string[]
  readonly files: ReadonlyMap<string, FileLink>
}

/** The same for the same pages and files, another one for others: browsers take another script for another release. */
export const workerOf = ({ offline, boot, sha256, says, files }: WorkerOptions): Uint8Array | undefined => {
  if (offline === undefined) return undefined
  const code = offline ? boot.worker : boot.workerOff
  if (code === undefined) throw new SxError('internal', 'The client was built without a service worker')
  if (!offline) return code
  const listed = [...files].map(([path, { cid }]) => `${path} ${cid}`).sort()
  const site = Buffer.from(sha256(new TextEncoder().encode([...says, ...listed].join('\n')))).toString('hex')
  const loader = hashSource(new TextDecoder().decode(boot.loader), sha256).slice(1, -1)
  const front = `const sx=${JSON.stringify({ site, loader: loader.slice('sha256-'.length) })};`
  return new TextEncoder().encode(front + new TextDecoder().decode(code))
}
