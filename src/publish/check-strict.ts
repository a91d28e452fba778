// What strict mode asks of a site beside its calls: types that mean something, and declared effects that hold those of
// what is referred to. Types of values are looked at where they are: in literals (check-calls.ts) and at run time.
import { placeIn, placeOf } from '../ipld/definition.ts'
import type { Entry, Graph } from '../ipld/graph.ts'
import { methods } from '../ipld/purity.ts'
import { nearMisses } from '../lang/near.ts'
import { compareCodePoints } from '../lang/order.ts'
import { type List, sym, type Value } from '../lang/values.ts'
import { hostIo } from '../lang/words.ts'
import { type OwnTypes, typeNames, unknownTypes } from '../runtime/types.ts'
import type { Finding } from './finding.ts'
import { signatureOfDefinition } from './signatures.ts'

const any = sym('any')

/** The types that a site's `deftype`s name, as they are when one is asked for. */
export const siteTypes =
  (graph: Pick<Graph, 'declarations'>): OwnTypes =>
  name => {
    for (const one of graph.declarations())
      if (one.kind === 'type' && one.name === name) return one.form[2] ?? any
    return undefined
  }

/** `:as` and `deftype` with names that no type has, and types that take a name of the language's own. */
export const unknownTypesIn = (graph: Graph): readonly Finding[] => {
  const own = siteTypes(graph)
  const types = [...graph.declarations()].filter(one => one.kind === 'type')
  const names = [...typeNames, ...types.map(one => one.name)]
  const told = (type: Value, where: Pick<Finding, 'place'>): readonly Finding[] =>
    unknownTypes(type, own).map(name => {
      const near = nearMisses(name, names)
      return {
        code: 'unknown-type',
        message: `no type is named ${name}`,
        ...where,
        hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `write (deftype ${name} …)`,
      }
    })
  const found: Finding[] = []
  for (const { name, form, source } of types) {
    const place = placeIn(source, form)
    const where = place ? { place } : {}
    if (typeNames.includes(name))
      found.push({ code: 'unknown-type', message: `${name} is a type of the language’s own`, ...where })
    found.push(...told((form as List)[2] ?? any, where))
  }
  for (const { origin } of graph.entries()) {
    if (origin.type !== 'definition') continue
    const signature = signatureOfDefinition(origin.at)
    for (const { type } of signature ? [...signature.positions, ...signature.keys.values()] : [])
      if (type !== undefined) found.push(...told(type, { place: placeOf(origin.at) }))
  }
  return found
}

/** What a definition may do by its own words, or else by those of what it refers to; methods of handlers apart. */
const effectsOf = (entry: Entry, seen: Set<Entry>): readonly string[] => {
  if (seen.has(entry)) return []
  seen.add(entry)
  const own = entry.origin.type === 'definition' ? entry.origin.at.effects : undefined
  if (own !== undefined) return own.filter(name => !methods.includes(name))
  return [...new Set(entry.refs.flatMap(ref => effectsOf(ref, seen)))]
}

/** Definitions that declare fewer effects than what they refer to declares. Host words are a build's own concern. */
export const effectsIn = (graph: Graph): readonly Finding[] => {
  const found: Finding[] = []
  for (const entry of graph.entries()) {
    if (entry.origin.type !== 'definition') continue
    const { effects } = entry.origin.at
    if (effects === undefined || effects.includes('io')) continue
    for (const ref of entry.refs)
      for (const name of effectsOf(ref, new Set([entry]))) {
        if (effects.includes(name) || hostIo.has(name)) continue
        found.push({
          code: 'effect-undeclared',
          message: `${entry.name} refers to ${ref.name}, which has the effect ${name}`,
          place: placeOf(entry.origin.at),
          hint: `declare it, as :effects (${[...effects, name].sort(compareCodePoints).join(' ')})`,
          related: [{ note: `${ref.name} is defined here`, place: placeOf(ref.origin.at) }],
        })
      }
  }
  return found
}
