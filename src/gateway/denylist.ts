// Denylists in the compact format (https://specs.ipfs.tech/compact-denylist-format/, IPIP-383): what is not to be served.
import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { SxError } from '../errors.ts'
import { findAnyCid } from '../ipld/any-cid.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { Sha256 } from '../ports.ts'

const MAX_HEADER = 2 ** 20
const MAX_LINE = 2 ** 21

export interface Denied {
  readonly status: 410 | 451
  /** the list's name, where its header gives one, and the rule's line */
  readonly list: string
  readonly line: number
}

export interface Denylist {
  /** before a path is followed: the root itself, the exact path, a prefix of it. `root`: a CID or a domain. */
  path(namespace: 'ipfs' | 'ipns', root: CID | string, segments: readonly string[]): Denied | undefined
  /** before a block is read, wherever it was met */
  block(cid: CID): Denied | undefined
  readonly rules: number
  /** lines that are no rule, with their number */
  readonly problems: readonly string[]
}

export const deniedError = ({ status, list, line }: Denied): SxError =>
  new SxError(
    status === 451 ? 'legally-unavailable' : 'gone',
    `this is on a denylist of this gateway: ${list}, line ${line}`,
  )

interface Rule {
  /** of several that fit, the last one written counts */
  readonly at: number
  /** decoded, with no slash at its ends; undefined: the root alone */
  readonly path: string | undefined
  readonly prefix: boolean
  readonly allowed: boolean
  readonly denied: Denied
}

export const noDenials: Denylist = { path: () => undefined, block: () => undefined, rules: 0, problems: [] }

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The lists one after the other: a later rule counts more than an earlier one. Throws 'config-invalid' for a bad header. */
export function parseDenylists(
  texts: readonly { readonly name: string; readonly text: string }[],
  sha256: Sha256,
): Denylist {
  /** multihash or domain → rules; hashes of texts → rules */
  const plain = new Map<string, Rule[]>()
  const hashed = new Map<string, Rule[]>()
  const problems: string[] = []
  let at = 0
  const add = (to: Map<string, Rule[]>, key: string, rule: Rule): void => {
    const rules = to.get(key)
    if (rules === undefined) to.set(key, [rule])
    else rules.push(rule)
  }
  for (const { name, text } of texts) {
    const { body, skipped, title, hints } = splitHeader(text, name)
    for (const [index, raw] of body.split('\n').entries()) {
      const line = raw.trim()
      if (line === '' || line.startsWith('#')) continue
      const number = index + 1 + skipped
      try {
        if (line.length > MAX_LINE) throw new Error('it is too long')
        const [item = '', ...own] = line.split(/\s+/)
        const status = statusOf([...hints, ...own])
        const allowed = item.startsWith('!')
        const rule = { at: at++, allowed, denied: { status, list: title ?? name, line: number } }
        const target = allowed ? item.slice(1) : item
        if (target.startsWith('//'))
          add(hashed, readHash(target.slice(2)), { ...rule, path: undefined, prefix: false })
        else {
          const { key, path, prefix } = readTarget(target)
          add(plain, key, { ...rule, path, prefix })
        }
      } catch (error) {
        problems.push(`${name}:${number}: ${(error as Error).message}`)
      }
    }
  }

  /** the last rule of all that fit */
  const last = (found: readonly Rule[]): Denied | undefined => {
    let best: Rule | undefined
    for (const rule of found) if (best === undefined || rule.at > best.at) best = rule
    return best === undefined || best.allowed ? undefined : best.denied
  }
  const byHash = (text: string): readonly Rule[] =>
    hashed.get(latin1(sha256(new TextEncoder().encode(text)))) ?? []

  /** The ways in which lists hash what they don't want to name. */
  const hashesOf = (root: CID | string, path: string): readonly Rule[] => {
    if (hashed.size === 0) return []
    const below = path === '' ? '' : `/${path}`
    if (typeof root === 'string') return [...byHash(`${root}/${path}`), ...byHash(`${root}${below}`)]
    const v1 = CID.createV1(root.code, root.multihash).toString(base32)
    return [...byHash(`${base58btc.baseEncode(root.multihash.bytes)}${below}`), ...byHash(`${v1}/${path}`)]
  }

  return {
    rules: at,
    problems,
    path: (namespace, root, segments) => {
      if (at === 0) return undefined
      const key = `${namespace}:${typeof root === 'string' ? root.toLowerCase() : latin1(root.multihash.bytes)}`
      const path = segments.join('/')
      const own = (plain.get(key) ?? []).filter(rule =>
        rule.path === undefined
          ? segments.length === 0 || rule.prefix || namespace === 'ipns'
          : rule.prefix
            ? path.startsWith(rule.path)
            : path === rule.path,
      )
      return last([...own, ...hashesOf(root, path)])
    },
    block: cid => {
      if (at === 0) return undefined
      const rules = plain.get(`ipfs:${latin1(cid.multihash.bytes)}`) ?? []
      return last([...rules.filter(({ path }) => path === undefined), ...hashesOf(cid, '')])
    },
  }
}

/** `status=451` among the hints; 410 otherwise. */
const statusOf = (hints: readonly string[]): 410 | 451 =>
  hints.findLast(hint => hint.startsWith('status=')) === 'status=451' ? 451 : 410

function readTarget(text: string): { key: string; path: string | undefined; prefix: boolean } {
  const [empty, namespace, root = '', ...rest] = text.split('/')
  if (empty !== '' || (namespace !== 'ipfs' && namespace !== 'ipns') || root === '')
    throw new Error('it is neither /ipfs/…, /ipns/… nor //…')
  const cid = findAnyCid(root) ?? ofMultihash(root)
  if (cid === undefined && (namespace === 'ipfs' || !/^[\w.-]+$/.test(root)))
    throw new Error(`${root.slice(0, 80)} is no CID${namespace === 'ipfs' ? '' : ' and no domain'}`)
  const key = `${namespace}:${cid === undefined ? root.toLowerCase() : latin1(cid.multihash.bytes)}`
  let path = decodeURIComponent(rest.join('/'))
  const prefix = path.endsWith('*')
  if (prefix) path = path.slice(0, -1)
  path = path.replace(/\/+$/, '')
  return { key, path: path === '' ? undefined : path, prefix }
}

function ofMultihash(text: string): CID | undefined {
  try {
    return CID.createV1(0x55, decodeDigest(base58btc.baseDecode(text)))
  } catch {
    return undefined
  }
}

/** The digest of a double hash: 64 hexadecimal digits, or a multihash in base58. */
function readHash(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return latin1(Buffer.from(text, 'hex'))
  const { code, digest } = decodeDigest(base58btc.baseDecode(text))
  if (code !== SHA2_256) throw new Error('double hashes must be of sha2-256 here')
  return latin1(digest)
}

interface Split {
  readonly body: string
  /** lines before the body */
  readonly skipped: number
  readonly title: string | undefined
  readonly hints: readonly string[]
}

/** The header, of whose YAML plain `key: value` lines and the map `hints` are read. */
function splitHeader(text: string, file: string): Split {
  const end = /^---[ \t]*\r?$/m.exec(text.slice(0, MAX_HEADER))
  if (end === null) return { body: text, skipped: 0, title: undefined, hints: [] }
  const header = text.slice(0, end.index)
  const body = text.slice(end.index + end[0].length + 1)
  let title: string | undefined
  const hints: string[] = []
  let inHints = false
  for (const line of header.split('\n')) {
    const pair = /^(\s*)([\w-]+):\s*(.*?)\s*$/.exec(line)
    if (pair === null) continue
    const [, indent, key = '', value = ''] = pair
    if (indent === '') inHints = key === 'hints'
    if (indent !== '' && inHints) hints.push(`${key}=${value.replace(/^["'](.*)["']$/, '$1')}`)
    else if (key === 'name') title = value.replace(/^["'](.*)["']$/, '$1')
    else if (key === 'version' && value !== '1')
      throw new SxError('config-invalid', `${file}: denylists of version ${value.slice(0, 20)} are not known`)
  }
  return { body, skipped: header.split('\n').length, title, hints }
}
