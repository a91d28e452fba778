// The targets that a configuration names: their kinds, their settings, and that no secret stands in a file.

interface WithGateway {
  /** URL before `/ipfs/`: what is published is fetched back through it */
  readonly gateway?: string
}
interface WithToken {
  /** `$NAME` of the variable that holds it */
  readonly token?: string
}

export interface KuboSettings extends WithGateway, WithToken {
  readonly kind: 'kubo'
  /** of the RPC API, such as `http://127.0.0.1:5001` */
  readonly api: string
  /** name of a key there: it is pointed at each release */
  readonly name?: string
}

/** https://ipfs.github.io/pinning-services-api-spec/ 1.0 */
export interface PinningServiceSettings extends WithGateway, WithToken {
  readonly kind: 'pinning-service'
  readonly endpoint: string
  /** multiaddrs of nodes that have the blocks */
  readonly origins?: readonly string[]
  /** name of a Kubo target that has the blocks: its addresses are origins, and it connects to the service's delegates */
  readonly via?: string
  /** seconds until it must be pinned; default 600 */
  readonly deadline?: number
}

export interface ClusterSettings extends WithGateway, WithToken {
  readonly kind: 'cluster'
  /** of the REST API, such as `http://127.0.0.1:9094` */
  readonly api: string
  /** peers that must have it, and may have it at most; default: the cluster's own */
  readonly replicationMin?: number
  readonly replicationMax?: number
  /** Go's duration, such as `720h` */
  readonly expireIn?: string
  /** seconds until it must be pinned; default 600 */
  readonly deadline?: number
}

export interface DirectorySettings {
  readonly kind: 'directory'
  /** relative to the configuration */
  readonly path: string
  /** where a web server shows it */
  readonly url?: string
}

export interface CarSettings {
  readonly kind: 'car'
  readonly path: string
}

export type TargetSettings =
  | KuboSettings
  | PinningServiceSettings
  | ClusterSettings
  | DirectorySettings
  | CarSettings

type Check = (value: unknown) => string | undefined

const url: Check = v =>
  typeof v === 'string' && URL.canParse(v) && /^https?:$/.test(new URL(v).protocol) && !/[?#@]/.test(v)
    ? undefined
    : 'must be a URL such as "http://127.0.0.1:5001"'
const secret: Check = v =>
  typeof v === 'string' && /^\$[A-Za-z_][A-Za-z0-9_]*$/.test(v)
    ? undefined
    : 'names a variable of the environment, such as "$PINNING_TOKEN": a secret is never written into a file'
const text: Check = v =>
  typeof v === 'string' && v.trim() !== '' && v.length <= 255
    ? undefined
    : 'must be a text of at most 255 characters'
const few: Check = v =>
  Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 100_000
    ? undefined
    : 'must be a whole number from 1'
const duration: Check = v =>
  typeof v === 'string' && /^(\d+(\.\d+)?(h|m|s))+$/.test(v) ? undefined : 'must be a duration such as "720h"'
const addresses: Check = v =>
  Array.isArray(v) && v.length <= 20 && v.every(one => typeof one === 'string' && one.startsWith('/'))
    ? undefined
    : 'must be a list of at most 20 multiaddrs such as "/dns/example.org/tcp/4001/p2p/12D3…"'

interface Row {
  readonly required: Readonly<Record<string, Check>>
  readonly optional: Readonly<Record<string, Check>>
}

const rows = {
  kubo: { required: { api: url }, optional: { gateway: url, token: secret, name: text } },
  'pinning-service': {
    required: { endpoint: url },
    optional: { gateway: url, token: secret, origins: addresses, via: text, deadline: few },
  },
  cluster: {
    required: { api: url },
    optional: {
      gateway: url,
      token: secret,
      replicationMin: few,
      replicationMax: few,
      expireIn: duration,
      deadline: few,
    },
  },
  directory: { required: { path: text }, optional: { url } },
  car: { required: { path: text }, optional: {} },
} as const satisfies Record<TargetSettings['kind'], Row>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with a configuration's `targets`, if anything is. */
export const checkTargets: Check = targets => {
  if (!isObject(targets)) return 'must be an object: a name for each target'
  for (const [name, settings] of Object.entries(targets)) {
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name) || name === 'local')
      return `has a target ${JSON.stringify(name)}: names are letters, digits, - and _, and "local" is this machine`
    if (!isObject(settings)) return `has "${name}", which is no object`
    const { kind } = settings
    if (typeof kind !== 'string' || !Object.hasOwn(rows, kind))
      return `has "${name}" of kind ${JSON.stringify(kind)}: it is one of ${Object.keys(rows).join(', ')}`
    const { required, optional }: Row = rows[kind as keyof typeof rows]
    for (const key of Object.keys(required))
      if (settings[key] === undefined) return `has "${name}" without "${key}"`
    for (const [key, value] of Object.entries(settings)) {
      if (key === 'kind') continue
      const check = required[key] ?? optional[key]
      if (check === undefined)
        return `has "${name}" with "${key}": a ${kind} has ${[...Object.keys(required), ...Object.keys(optional)].join(', ')}`
      const problem = check(value)
      if (problem !== undefined) return `has "${name}", whose "${key}" ${problem}`
    }
    const { via } = settings
    if (
      via !== undefined &&
      (!isObject(targets[via as string]) || (targets[via as string] as { kind?: unknown }).kind !== 'kubo')
    )
      return `has "${name}", whose "via" is no Kubo target`
  }
  return undefined
}
