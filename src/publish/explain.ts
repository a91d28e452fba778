// An error of rendering as its author knows things: definitions by name instead of by CID, and where the failing one is.
import { SxError } from '../errors.ts'
import { placeOf } from '../ipld/definition.ts'
import type { Entry } from '../ipld/graph.ts'

/** `holders`: what has this CID. A member of a cycle is `<group>#<index>` to the evaluator. */
export const explainDefinitions = (error: unknown, holders: (cid: string) => readonly Entry[]): unknown => {
  if (!(error instanceof SxError)) return error
  const { definition, trace } = error.detail
  const nameOf = (id: string): string => {
    const [cid, index] = id.split('#') as [string, string?]
    const found = holders(cid)
    return index === undefined ? (found[0]?.name ?? id) : found.map(one => one.name).join(' or ') || id
  }
  const named = (text: string): string => text.replace(/\bb[a-z2-7]{58}(?:#\d+)?(?![a-z2-7])/g, nameOf)
  const at = typeof definition === 'string' ? holders(definition.split('#')[0]!) : []
  const [only] = at.length === 1 ? at : []
  return new SxError(
    error.code,
    named(error.message),
    {
      ...error.detail,
      ...(typeof definition === 'string' && { definition: named(definition) }),
      ...(Array.isArray(trace) && { trace: trace.map(id => named(String(id))) }),
      ...(only !== undefined &&
        error.detail.related === undefined && {
          related: [{ note: `it fails in ${only.name}`, place: placeOf(only.origin.at) }],
        }),
    },
    error.cause,
  )
}
