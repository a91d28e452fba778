// `others` of sx.config.json: definitions of other publishers, by the names that the site has for them.
import { parseCid } from '../ipld/cid.ts'
import type { Trust } from '../ipld/trust.ts'
import { isSymbolName } from '../lang/names.ts'
import { Link } from '../lang/values.ts'
import { forms, tags } from '../lang/words.ts'

/** A CID, or a CID with its trust; without one it is unknown. */
export type OtherSettings = Readonly<
  Record<string, string | { readonly cid: string; readonly trust?: string }>
>

/** A definition of another publisher. `own`: it may do what the site's own may. */
export interface Other {
  readonly cid: string
  readonly trust: Trust | 'own'
}

const trusts = ['unknown', 'followed', 'own']

const problemOf = (name: string, other: unknown): string | undefined => {
  if (!isSymbolName(name) || tags.has(name) || forms.has(name))
    return `has "${name}", which is no name for a definition`
  const {
    cid,
    trust = 'unknown',
    ...more
  } = typeof other === 'object' && other !== null ? (other as Record<string, unknown>) : { cid: other }
  try {
    parseCid(cid as string)
  } catch {
    return `has "${name}", which needs the CID of a definition ("bafyrei…")`
  }
  if (!trusts.includes(trust as string))
    return `has "${name}" with a trust that is none of ${trusts.join(', ')}`
  const [extra] = Object.keys(more)
  return extra === undefined
    ? undefined
    : `has "${name}" with "${extra}": only "cid" and "trust" can be there`
}

/** What is wrong with the setting; undefined: nothing. */
export const checkOthers = (v: unknown): string | undefined => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return 'must hold names, each with a CID'
  for (const [name, other] of Object.entries(v)) {
    const problem = problemOf(name, other)
    if (problem !== undefined) return problem
  }
  return undefined
}

export const readOthers = (settings: OtherSettings = {}): ReadonlyMap<string, Other> =>
  new Map(
    Object.entries(settings).map(([name, other]) => {
      const { cid, trust = 'unknown' } = typeof other === 'string' ? { cid: other } : other
      return [name, { cid, trust: trust as Other['trust'] }]
    }),
  )

/** What those names mean in a source. */
export const linksOfOthers = (settings: OtherSettings | undefined): ReadonlyMap<string, Link> =>
  new Map([...readOthers(settings)].map(([name, { cid }]) => [name, new Link(cid)]))
