// The targets that a configuration names, made of what they need: HTTP, secrets, the disk, the blocks of the store.

import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SxError } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import { createHttp, type Http } from '../publish/http.ts'
import type { TargetSettings } from '../publish/target-config.ts'
import type { KuboRpc } from '../publish/targets/kubo.ts'
import type { Outgoing, Target } from '../publish/targets/target.ts'
import { walkAll } from './archive.ts'
import { sha256 } from './sha256.ts'
import type { Workshop } from './workshop.ts'

export const sleep = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}
export const openHttp = (): Http => createHttp({ fetch: globalThis.fetch, sleep })

export interface Configured {
  readonly target: Target
  /** the target that must be done before it */
  readonly after: string | undefined
}

type Settings = Readonly<Record<string, TargetSettings>>

/** `only`: names; undefined: all. Throws 'usage' for a name that is none, 'config-invalid' for a secret that is not set. */
export const openTargets = async (
  shop: Workshop,
  settings: Settings,
  folder: string,
  only: readonly string[] | undefined,
): Promise<readonly Configured[]> => {
  for (const name of only ?? [])
    if (!Object.hasOwn(settings, name) && name !== 'local') {
      const known = ['local', ...Object.keys(settings)]
      const near = nearMisses(name, known)
      throw new SxError('usage', `there is no target ${name}`, {
        hint: near.length > 0 ? `did you mean ${near[0]}?` : `the targets are ${known.join(', ')}`,
      })
    }
  const http = openHttp()
  const wanted = Object.entries(settings).filter(([name]) => only?.includes(name) ?? true)
  return Promise.all(
    wanted.map(async ([name, one]) => ({
      target: await openTarget(shop, name, one, settings, folder, http),
      after: one.kind === 'pinning-service' ? one.via : undefined,
    })),
  )
}

const secretOf = (shop: Workshop, name: string, token: string | undefined): string | undefined => {
  if (token === undefined) return undefined
  const value = shop.environment.variables[token.slice(1)]
  if (value) return value
  throw new SxError('config-invalid', `the target ${name} needs ${token}, which is not set`, {
    hint: `set the environment variable ${token.slice(1)}`,
  })
}

const openTarget = async (
  shop: Workshop,
  name: string,
  settings: TargetSettings,
  all: Settings,
  folder: string,
  http: Http,
): Promise<Target> => {
  const clock = Date.now
  const openKubo = async (at: string): Promise<KuboRpc> => {
    const { kuboRpc } = await import('../publish/targets/kubo.ts')
    const kubo = all[at]
    if (kubo?.kind !== 'kubo') throw new SxError('config-invalid', `${at} is no Kubo target`)
    return kuboRpc(kubo.api, secretOf(shop, at, kubo.token), http)
  }
  switch (settings.kind) {
    case 'kubo': {
      const { kuboTarget } = await import('../publish/targets/kubo.ts')
      return kuboTarget(name, settings, await openKubo(name))
    }
    case 'pinning-service': {
      const { pinningServiceTarget } = await import('../publish/targets/pinning-service.ts')
      const via = settings.via === undefined ? undefined : await openKubo(settings.via)
      return pinningServiceTarget(name, settings, {
        http,
        token: secretOf(shop, name, settings.token),
        via,
        clock,
        sleep,
      })
    }
    case 'cluster': {
      const { clusterTarget } = await import('../publish/targets/cluster.ts')
      return clusterTarget(name, settings, {
        http,
        token: secretOf(shop, name, settings.token),
        clock,
        sleep,
      })
    }
    case 'directory': {
      const { directoryTarget } = await import('../publish/targets/files.ts')
      const { compareFolder, filesBelow } = await import('../store/write-folder.ts')
      const stored = await shop.store()
      return directoryTarget(name, settings, resolve(folder, settings.path), {
        http,
        sha256,
        filesBelow: directory => filesBelow(stored, directory),
        compare: (directory, at) => compareFolder(stored, directory, at),
      })
    }
    case 'car': {
      const { carTarget } = await import('../publish/targets/files.ts')
      const { readCar } = await import('../store/car.ts')
      return carTarget(name, settings, resolve(folder, settings.path), async car => {
        const { roots, blocks } = await readCar(car, { sha256 })
        let count = 0
        for await (const _ of blocks) count++
        return { roots: roots.map(root => `${root.toV1()}`), blocks: count }
      })
    }
  }
}

/** The CAR of `directory`, without what `skip` holds. */
export const outgoing = async (
  shop: Workshop,
  directory: string,
  skip: ReadonlySet<string> | undefined,
  signal: AbortSignal | undefined,
): Promise<Outgoing> => {
  const { writeCar } = await import('../store/car.ts')
  const { cid, blocks } = await walkAll(await shop.store(), directory, signal)
  const count = { blocks: 0, bytes: 0 }
  const wanted = async function* () {
    for await (const block of blocks) {
      if (skip?.has(`${block.cid}`)) continue
      count.blocks++
      count.bytes += block.bytes.length
      yield block
    }
  }
  return { body: writeCar([cid], wanted()), count }
}
