// Settings that are checked the same wherever they are written: those of `sx serve`, in sx.config.json or as flags.
import { SxError } from './errors.ts'

/**
 * How pages follow each other in browsers that can tell: in the same document (`soft`), the same with the document's view
 * transition, or each as a document of its own.
 */
export const navigations = ['soft', 'transition', 'off'] as const
export type Navigation = (typeof navigations)[number]
export const isOneOf = <T>(all: readonly T[], v: unknown): v is T => (all as readonly unknown[]).includes(v)

/** What is wrong with a value; undefined: nothing. */
export type Check = (value: unknown) => string | undefined

export const text: Check = v =>
  typeof v === 'string' && v.trim() !== '' ? undefined : 'must be a text that is not empty'
export const folder: Check = v =>
  typeof v === 'string' && v !== '' && !v.startsWith('/') && !v.split(/[\\/]/).includes('..')
    ? undefined
    : 'must be a folder inside the site, such as "src"'
export const origin: Check = v => {
  if (typeof v !== 'string' || !URL.canParse(v)) return 'must be origins such as "https://ipfs.io"'
  const url = new URL(v)
  return /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
    ? undefined
    : `"${v}" is not an origin: give scheme and host only`
}
export const flag: Check = v => (typeof v === 'boolean' ? undefined : 'must be true or false')
export const listOf =
  (what: string, check: Check): Check =>
  v =>
    Array.isArray(v) ? v.map(check).find(problem => problem !== undefined) : `must be a list of ${what}`

const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v)

/** The problem with a group of settings, under the key that holds them. */
export const group =
  (inner: Readonly<Record<string, Check>>): Check =>
  v => {
    if (!isObject(v)) return 'must hold settings of its own'
    for (const [key, value] of Object.entries(v)) {
      if (!Object.hasOwn(inner, key))
        return `has no setting "${key}": there are ${Object.keys(inner).join(', ')}`
      const problem = inner[key]!(value)
      if (problem !== undefined) return `has "${key}", which ${problem}`
    }
    return undefined
  }

/** `public`: IPFS's (Amino); `lan`: that of private addresses */
const dhts = ['off', 'lan', 'public'] as const

const hostModes = ['path', 'subdomain', 'trustless', 'dnslink', 'site'] as const

const HOST = '/(ip4|ip6|dns|dns4|dns6)/[^/]+'
const multiaddr =
  (shape: RegExp, example: string): Check =>
  v =>
    typeof v === 'string' && shape.test(v)
      ? undefined
      : `must be multiaddrs such as "${example}"${typeof v === 'string' ? `: not ${JSON.stringify(v)}` : ''}`
/** Where to listen: TCP, or WebSocket on it. */
const listenAddress = multiaddr(
  /^\/(ip4|ip6)\/[0-9a-fA-F.:]+\/tcp\/\d{1,5}(\/ws)?$/,
  '/ip4/127.0.0.1/tcp/4001',
)
/** Where a peer is. */
export const peerAddress = multiaddr(
  new RegExp(`^${HOST}/tcp/\\d{1,5}(/ws|/wss|/tls/ws)?(/p2p/[A-Za-z0-9]+)?$`),
  '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…',
)

/** The gateway's side of `sx serve` (docs/gateway.md). */
export interface ServeSettings {
  /** host name → what it means; default: `localhost` has subdomains */
  readonly hosts: Readonly<Record<string, (typeof hostModes)[number]>>
  /** hosts that are not named show what their DNSLink leads to; default false */
  readonly dnslink: boolean
  /** believe `X-Forwarded-Host`, `-Proto` and `-For`; default false */
  readonly forwarded: boolean
  /** origins of trustless gateways that missing blocks are fetched from; default none: only what is here is served */
  readonly fetch: readonly string[]
  /** files of what is not to be served, relative to the configuration; default none */
  readonly deny: readonly string[]
  /** requests for content a minute from one address; default 0: any number */
  readonly perMinute: number
  /** queries, actions and handlers a minute from one address; default 300, 0: any number */
  readonly runsPerMinute: number
  /** offer what is pinned on libp2p, by bitswap; default false */
  readonly p2p: boolean
  /** multiaddrs to listen on; default this machine alone, on any port */
  readonly p2pListen: readonly string[]
  /** multiaddrs of peers to stay connected with; missing blocks are fetched from them */
  readonly p2pPeers: readonly string[]
  /** the DHT to be in, which `p2pPeers` lead into; default off */
  readonly p2pDht: (typeof dhts)[number]
  /** tell the DHT which roots are pinned here; default false */
  readonly p2pAnnounce: boolean
}

export const defaultServe: ServeSettings = {
  hosts: { localhost: 'subdomain' },
  dnslink: false,
  forwarded: false,
  fetch: [],
  deny: [],
  perMinute: 0,
  runsPerMinute: 300,
  p2p: false,
  p2pListen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
  p2pPeers: [],
  p2pDht: 'off',
  p2pAnnounce: false,
}

const rate: Check = v =>
  Number.isInteger(v) && (v as number) >= 0 && (v as number) <= 1_000_000
    ? undefined
    : 'must be a whole number from 0 to 1,000,000'

export const serveChecks = {
  hosts: v => {
    if (!isObject(v)) return 'must map host names to what they mean'
    for (const [name, mode] of Object.entries(v)) {
      if (!/^[a-z0-9.-]+(:\d{1,5})?$/.test(name)) return `has "${name}", which is no host name in lower case`
      if (!(hostModes as readonly unknown[]).includes(mode))
        return `has "${name}", which must mean ${hostModes.join(', ')}`
    }
    return undefined
  },
  dnslink: flag,
  forwarded: flag,
  fetch: listOf('origins', origin),
  deny: listOf('files', text),
  perMinute: rate,
  runsPerMinute: rate,
  p2p: flag,
  p2pListen: listOf('multiaddrs', listenAddress),
  p2pPeers: listOf('multiaddrs', peerAddress),
  p2pDht: v => (dhts.includes(v as 'off') ? undefined : `must be one of ${dhts.join(', ')}`),
  p2pAnnounce: flag,
} satisfies Record<keyof ServeSettings, Check>

/** `p2pListen` is `--p2p-listen`. */
const flagOf = (name: string): string =>
  name === 'p2pPeers' ? 'p2p-peer' : name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** A flag, checked like the setting of its name. Throws 'usage'. */
export function checkServeFlag(name: keyof ServeSettings, value: unknown): void {
  const problem = serveChecks[name](value)
  if (problem !== undefined) throw new SxError('usage', `--${flagOf(name)} ${problem}`)
}
