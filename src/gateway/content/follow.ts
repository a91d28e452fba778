// A content path, followed to its end and given to the first handler that can.
import type { CID } from 'multiformats/cid'
import type { ReadOptions } from '../../dag-port.ts'
import { SxError } from '../../errors.ts'
import { findAnyCid, readAnyCid } from '../../ipld/any-cid.ts'
import type { Sha256 } from '../../ports.ts'
import type { Answer } from '../answer.ts'
import { type Denied, deniedError, noDenials } from '../denylist.ts'
import type { Shell } from '../html.ts'
import { createPermits } from '../limiter.ts'
import { tarHandler } from './archive.ts'
import { type Asked, contentPath, locationOf } from './asked.ts'
import { codecHandler, mismatchHandler, rawHandler } from './blocks.ts'
import { carHandler } from './car.ts'
import type { ContentOptions } from './content-port.ts'
import { dagPageHandler } from './dag-page.ts'
import { directoryHandler } from './directory.ts'
import { fileHandler, symlinkHandler } from './file.ts'
import type { Found, Handler, Tools } from './handler.ts'
import { cors } from './headers.ts'
import { recordAnswer } from './ipns-record.ts'
import { redirected } from './redirected.ts'

/** The first that can handle what was found does. */
const handlers: readonly Handler[] = [
  rawHandler,
  carHandler,
  tarHandler,
  dagPageHandler,
  codecHandler,
  directoryHandler,
  fileHandler,
  symlinkHandler,
  mismatchHandler,
]

export interface FollowOptions extends ContentOptions {
  readonly sha256: Sha256
  readonly shell: Shell
  readonly limits: { readonly walks: number; readonly walkBlocks: number }
}

export type Follow = (asked: Asked) => Promise<Answer>

export function createFollow(o: FollowOptions): Follow {
  const { dag, names } = o
  const denied = o.denied ?? (() => noDenials)
  const tools: Tools = {
    dag,
    shell: o.shell,
    sha256: o.sha256,
    walks: createPermits(o.limits.walks, 'CARs and archives'),
    walkBlocks: o.limits.walkBlocks,
  }

  const foundOf =
    (seconds: number | undefined, read: ReadOptions) =>
    (asked: Asked, resolved: Found['resolved']): Found => ({
      ...asked,
      resolved,
      entry: resolved.rest.length > 0 ? undefined : dag.entry(resolved.cid, resolved.bytes),
      seconds,
      read,
      common: {
        ...cors,
        'X-Content-Type-Options': 'nosniff',
        'X-Ipfs-Path': contentPath(asked),
        'X-Ipfs-Roots': resolved.roots.join(','),
        Vary: asked.query.has('format') ? undefined : 'Accept',
        'Content-Location': locationOf(asked),
      },
      foreign: asked.mount.kind === 'path' && o.isOwn?.(resolved.roots[0]!) === false,
    })

  return async asked => {
    const { namespace, root, segments, header } = asked
    if (
      asked.mount.kind === 'path' &&
      !asked.slash &&
      segments.length === 0 &&
      header('service-worker') === 'script'
    )
      throw new SxError('request-invalid', 'a service worker must lie below a content root')
    if (namespace === 'ipns') refuse(denied().path('ipns', keyOf(root) ?? root, segments))
    if (asked.wanted.format === 'ipns-record') return recordAnswer(asked, names, o.sha256)

    const told = namespace === 'ipns' ? await names.resolve(root) : { root, rest: '', seconds: undefined }
    const cid = readAnyCid(told.root)
    const base = told.rest.split('/').filter(part => part !== '')
    refuse(denied().path('ipfs', cid, [...base, ...segments]))

    const local = /(?:^|,)\s*only-if-cached\s*(?:,|$)/i.test(header('cache-control') ?? '')
    const read: ReadOptions = { local, signal: asked.signal }
    // a probe must not read what it asks about
    if (local && !dag.has(cid)) throw new SxError('not-cached', `${cid} is not here`)
    const found = foundOf(told.seconds, read)
    try {
      const here = found(asked, await dag.resolve(cid, [...base, ...segments], read))
      return await handlers.find(each => each.canHandle(here))!.handle(here, tools)
    } catch (error) {
      if (!(error instanceof SxError)) throw error
      if (local && error.code === 'block-not-found') throw new SxError('not-cached', error.message, {}, error)
      if (error.code !== 'not-found') throw error
      const lost = { asked, root: cid, base, seconds: told.seconds, read }
      const other = await redirected(lost, dag, found)
      if (other === undefined) throw error
      return other
    }
  }
}

const refuse = (denied: Denied | undefined): void => {
  if (denied !== undefined) throw deniedError(denied)
}

const keyOf = (name: string): CID | undefined => (name.includes('.') ? undefined : findAnyCid(name))
