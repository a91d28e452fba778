// Where expansion is: the forms around, the macro calls under way. Makes every error of expansion.
import { type ErrorCode, type ErrorDetail, type MacroEvidence, type Place, SxError } from '../errors.ts'
import { excerpt } from './excerpt.ts'
import type { Active } from './expansion.ts'
import type { ExpandLimits, ExpandPorts } from './meaning.ts'
import type { Value } from './values.ts'

/** How many macro calls an error tells of. */
const told = 8

export interface Trace {
  active(): Active | undefined
  within<T>(active: Active | undefined, work: () => T): T
  inside<T>(form: Value, work: () => T): T
  placeOf(parent: Value, index?: number): Place | undefined
  /** the macro calls under way, as evidence: empty when none is */
  expansions(): MacroEvidence
  fail(code: ErrorCode, message: string, parent: Value, index?: number, detail?: ErrorDetail): SxError
  /** 'macro-limit', with the chain of macros that ends in `last` */
  endless(message: string, last: string, call: Value): SxError
}

export const createTrace = (ports: ExpandPorts, limits: ExpandLimits): Trace => {
  const enclosing: Value[] = []
  let active: Active | undefined

  const calls = function* (): Generator<Active> {
    for (let one = active; one !== undefined; one = one.outer) yield one
  }

  /** The form's own place; or that of the macro call that made it; or of the nearest form around it that has one. */
  const placeOf = (parent: Value, index?: number): Place | undefined => {
    const own = ports.placeOf(parent, index) ?? (index === undefined ? undefined : ports.placeOf(parent))
    if (own !== undefined) return own
    for (const one of calls()) {
      const place = ports.placeOf(one.call)
      if (place !== undefined) return place
    }
    for (let i = enclosing.length - 1; i >= 0; i--) {
      const place = ports.placeOf(enclosing[i]!)
      if (place !== undefined) return place
    }
    return undefined
  }

  /** The innermost macro call first; its call as written and what came of it, as text. */
  const expansions = (): MacroEvidence => {
    if (active === undefined) return {}
    const related = [...calls()].slice(0, told).flatMap(one => {
      const place = ports.placeOf(one.call)
      return place === undefined ? [] : [{ note: `in the expansion of \`${one.name}\``, place }]
    })
    return { related, call: excerpt(active.call), expansion: excerpt(active.result) }
  }

  const fail: Trace['fail'] = (code, message, parent, index, detail = {}) => {
    const place = placeOf(parent, index)
    return new SxError(code, message, { ...(place && { place }), ...expansions(), ...detail })
  }

  const endless: Trace['endless'] = (message, last, call) => {
    const names = [last, ...[...calls()].map(one => one.name)]
    const chain = names.slice(0, told).reverse()
    if (names.length > told) chain.unshift('…')
    return fail('macro-limit', `${message}: ${chain.join(' → ')}`, call, undefined, {
      chain,
      hint: 'a macro must come nearer to its end with every call of itself',
    })
  }

  return {
    active: () => active,
    placeOf,
    expansions,
    fail,
    endless,
    // An error ends the whole run, so neither of these puts things back when `work` throws.
    within(next, work) {
      const before = active
      active = next
      const result = work()
      active = before
      return result
    },
    inside(form, work) {
      if (enclosing.length >= limits.depth)
        throw active === undefined
          ? fail('read-limit', `forms are nested deeper than ${limits.depth}`, form)
          : endless(`an expansion nests deeper than ${limits.depth} forms`, active.name, form)
      enclosing.push(form)
      const result = work()
      enclosing.pop()
      return result
    },
  }
}
