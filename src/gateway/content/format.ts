// The form in which content is asked for: `?format=` before `Accept` (IPIP-523), and the parameters of a CAR.
import { SxError } from '../../errors.ts'
import { parse } from '../negotiate.ts'

/** What `format=` may say → the media type. */
export const formats = {
  raw: 'application/vnd.ipld.raw',
  car: 'application/vnd.ipld.car',
  tar: 'application/x-tar',
  'dag-json': 'application/vnd.ipld.dag-json',
  'dag-cbor': 'application/vnd.ipld.dag-cbor',
  json: 'application/json',
  cbor: 'application/cbor',
  'ipns-record': 'application/vnd.ipfs.ipns-record',
} as const
export type Format = keyof typeof formats

const isFormat = (text: string): text is Format => Object.hasOwn(formats, text)
const byType = new Map(Object.entries(formats).map(([format, type]) => [type as string, format as Format]))

/** What a client that verifies for itself may have anywhere: none of it can run in a browser. */
export const verifiable: ReadonlySet<Format> = new Set(['raw', 'car', 'ipns-record'])

export interface CarParameters {
  readonly version: string | undefined
  readonly order: string | undefined
  readonly dups: string | undefined
}

export interface Wanted {
  /** undefined: whatever the content is by itself */
  readonly format: Format | undefined
  /** the client names text/html */
  readonly html: boolean
  /** for caches that don't know Accept: `format` as the address would have to say it, when it doesn't */
  readonly location: Format | undefined
  readonly car: CarParameters
}

/** Unknown formats in the address are no formats: a site's own pages may use the word for something else. */
export function wantedOf(query: URLSearchParams, accept: string | undefined): Wanted {
  const asked = query.get('format') ?? ''
  const list = accept === undefined || accept === '*/*' ? [] : parse(accept).filter(({ q }) => q > 0)
  let best: { format: Format; q: number; parameters: readonly string[] } | undefined
  let html = 0
  for (const { value, q, parameters } of list) {
    const format = byType.get(value)
    if (format !== undefined && (best === undefined || q > best.q) && acceptable(format, parameters))
      best = { format, q, parameters }
    else if (value === 'text/html') html = Math.max(html, q)
  }
  const format = isFormat(asked) ? asked : best !== undefined && best.q >= html ? best.format : undefined
  const told = format === 'car' && best?.format === 'car' ? best.parameters : []
  const car = {
    version: query.get('car-version') ?? parameter(told, 'version'),
    order: query.get('car-order') ?? parameter(told, 'order'),
    dups: query.get('car-dups') ?? parameter(told, 'dups'),
  }
  if (format === 'car') checkCar(car)
  const other = best !== undefined && best.format !== format
  return {
    format,
    html: html > 0,
    location: format !== undefined && (!isFormat(asked) || other) ? format : undefined,
    car,
  }
}

const parameter = (parameters: readonly string[], name: string): string | undefined => {
  for (const each of parameters) {
    const [key, value] = each.split('=', 2)
    if (key?.trim().toLowerCase() === name) return value?.trim().replace(/^"(.*)"$/, '$1')
  }
  return undefined
}

/** Of several CARs that a client would take, the first that can be made. */
const acceptable = (format: Format, parameters: readonly string[]): boolean =>
  format !== 'car' ||
  (['1', undefined].includes(parameter(parameters, 'version')) &&
    ['dfs', 'unk', '', undefined].includes(parameter(parameters, 'order')))

function checkCar({ version, order, dups }: CarParameters): void {
  if (version !== undefined && version !== '1')
    throw new SxError('not-acceptable', 'CARs are of version 1 here', { hint: 'car-version=1' })
  if (order !== undefined && order !== '' && order !== 'dfs' && order !== 'unk')
    throw new SxError('not-acceptable', 'CARs are in depth-first order here', { hint: 'car-order=dfs' })
  if (dups !== undefined && dups !== 'y' && dups !== 'n')
    throw new SxError('request-invalid', 'car-dups is y or n')
}
