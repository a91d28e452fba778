// sx name: the IPNS name of a folder's publisher, its record here and elsewhere, and the DNS record that leads to it.
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { signNameRecord } from '../publish/name-record.ts'
import type { NameReport } from '../publish/publish-port.ts'
import type { Release } from '../publish/releases.ts'
import { findIpnsName, type IpnsRecord, readIpnsRecord } from '../store/ipns-record.ts'
import { nameRecords } from '../store/name-records.ts'
import { createNameSystem, isDomain } from '../store/name-system.ts'
import { openKeys } from './keys.ts'
import { openReleases } from './releasing.ts'
import { sha256 } from './sha256.ts'
import { openHttp } from './targets.ts'
import { siteName, type Workshop } from './workshop.ts'

const MOST_RECORD = 10 * 1024

/** The record of a publisher as it lies in the store; undefined: none, or one that holds no longer. */
export const recordHere = async (shop: Workshop, publisher: string): Promise<IpnsRecord | undefined> => {
  const name = findIpnsName(publisher)
  const bytes = name && nameRecords((await shop.store()).records).get(name)
  if (name === undefined || bytes === undefined) return undefined
  try {
    return readIpnsRecord(name, bytes, Date.now(), sha256)
  } catch (error) {
    if (error instanceof SxError && error.code === 'name-record-invalid') return undefined
    throw error
  }
}

/** Signs the record of a release anew, so that it holds from now on. */
export const renewRecord = async (shop: Workshop, { node, directory }: Release): Promise<void> => {
  const key = await (await openKeys(shop)).open(node.publisher)
  const record = signNameRecord(key, {
    value: `/ipfs/${directory}`,
    sequence: node.sequence,
    now: Date.now(),
  })
  nameRecords((await shop.store()).records).put(findIpnsName(node.publisher)!, record)
}

export const createNames = (shop: Workshop): App['names'] => {
  const txt =
    shop.options.txt ?? (async (domain: string) => (await import('./content.ts')).txtRecords()(domain))
  const newest = async (dir: string): Promise<Release> => {
    const found = (await openReleases(shop)).newest(siteName(shop.siteAt(dir).folder))
    if (found !== undefined) return found
    throw new SxError('not-found', 'Nothing of this folder has been published', { hint: 'run `sx publish`' })
  }
  const show = async (dir: string): Promise<NameReport> => {
    const { node, directory } = await newest(dir)
    const record = await recordHere(shop, node.publisher)
    return {
      name: node.publisher,
      value: record?.value ?? `/ipfs/${directory}`,
      ...(record !== undefined && { validUntil: new Date(record.validUntil).toISOString() }),
    }
  }
  return {
    show,
    renew: async dir => {
      await renewRecord(shop, await newest(dir))
      return show(dir)
    },
    resolve: async (text, { from, signal } = {}) => {
      if (from !== undefined) {
        const name = findIpnsName(text)
        if (name === undefined) throw new SxError('cid-malformed', `${text} is no IPNS name`)
        const bytes = await openHttp().bytes(
          `${from.replace(/\/$/, '')}/ipns/${text}?format=ipns-record`,
          MOST_RECORD,
          {
            headers: { Accept: 'application/vnd.ipfs.ipns-record' },
            signal,
          },
        )
        const record = readIpnsRecord(name, bytes, Date.now(), sha256)
        return { name: text, value: record.value, validUntil: new Date(record.validUntil).toISOString() }
      }
      const system = createNameSystem({
        records: nameRecords((await shop.store()).records),
        clock: Date.now,
        sha256,
        txt,
      })
      const { root, rest } = await system.resolve(text)
      return { name: text, value: `/ipfs/${root}${rest === '' ? '' : `/${rest}`}` }
    },
    dnslink: async (domain, dir) => {
      if (!isDomain(domain))
        throw new SxError('usage', `${JSON.stringify(domain)} is no domain`, { hint: 'such as example.org' })
      const { name } = await show(dir)
      const wanted = `dnslink=/ipns/${name}`
      const record = `_dnslink.${domain}`
      const all = await txt(record).catch((cause: unknown) => {
        throw new SxError('peer-failed', `The DNS does not answer for ${record}`, {}, cause)
      })
      const found = all.filter(text => text.startsWith('dnslink='))
      // of several the first in order counts, for everybody (DNSLink specification)
      const state = found.length === 0 ? 'missing' : [...found].sort()[0] === wanted ? 'set' : 'other'
      return { record, wanted, found, state }
    },
  }
}
