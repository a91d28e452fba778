// What content needs of the program around it: types only.
import type { CID } from 'multiformats/cid'
import type { DagReader } from '../../dag-port.ts'
import type { NameSystem } from '../../ports.ts'
import type { Denylist } from '../denylist.ts'
import type { HostRules } from '../hosts.ts'

export interface ContentOptions {
  readonly dag: DagReader
  readonly names: NameSystem
  readonly hosts?: HostRules | undefined
  /** the list of the moment; a new object when it changed */
  readonly denied?: (() => Denylist) | undefined
  /** pinned here: chosen by whoever runs this gateway, so it may share an origin with the site */
  readonly isOwn?: ((root: CID) => boolean) | undefined
  /** there is no site: what is no content is not found */
  readonly only?: boolean | undefined
}
