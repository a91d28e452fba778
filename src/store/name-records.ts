// IPNS records in the store: what the gateway serves and resolves, whoever put them there.
import type { CID } from 'multiformats/cid'
import type { NameRecords, Records } from '../ports.ts'
import { ipnsNameText, MAX_RECORD } from './ipns-record.ts'

const keyOf = (name: CID): string => `/ipns/${ipnsNameText(name)}`

/**
 * Records as they were published, by name. Nothing is checked here: a record is checked by whoever uses it
 * (`readIpnsRecord`), for validity ends while it lies here.
 */
export const nameRecords = (records: Records): NameRecords => ({
  get: name => records.get(keyOf(name)),
  put: (name, record) => {
    if (record.length > MAX_RECORD) throw new RangeError(`an IPNS record may have ${MAX_RECORD} bytes`)
    records.write([[keyOf(name), record]])
  },
})
