// Parameter lists, and what a call hands to them: positions, keywords, the rest.
import { keywordOf, parameterName } from '../lang/shape.ts'
import { isList, type Sym, type Value } from '../lang/values.ts'
import type { Env } from './code.ts'
import { fail } from './values.ts'

export interface Params {
  /** how many arguments a call gives, when it takes positions only; otherwise −1 */
  readonly n: number
  /** slots in order: positions, keys, rest */
  readonly names: readonly string[]
  readonly positions: number
  /** keyword → slot */
  readonly keys: ReadonlyMap<string, number> | undefined
  readonly rest: boolean
  readonly label: string
}

export const parseParams = (list: Value, label: string): Params => {
  const names: string[] = []
  let positions = 0
  let keys: Map<string, number> | undefined
  let mode = ''
  if (isList(list))
    for (const item of list) {
      const name = parameterName(item)?.name ?? fail('a name is missing')
      if (name === '&key' || name === '&rest') mode = name
      else {
        const slot = names.push(name)
        if (mode === '&key') (keys ??= new Map()).set(keywordOf(name), slot)
        else if (!mode) positions++
      }
    }
  else {
    mode = '&rest'
    names.push((list as Sym).name)
  }
  const rest = mode === '&rest'
  return { n: keys || rest ? -1 : positions, names, positions, keys, rest, label }
}

/** The keyword that stood before argument i in a call. */
export type Keys = readonly (string | undefined)[]

/** They are for lists and islands around a call; who doesn't ask for them doesn't get them. */
export const isOuter = /^(?:key|hydrate)$/

/** Keywords as arguments of their own, strings, for a callee that has no use for them. */
export const spread = (args: readonly unknown[], keys: Keys | undefined): unknown[] =>
  keys ? args.flatMap((arg, i) => (keys[i] === undefined ? [arg] : [keys[i], arg])) : (args as unknown[])

/** A new environment for the callee. A callee without `&key` takes a keyword as one more argument, a string. */
export const bindArgs = (p: Params, parent: Env, args: readonly unknown[], keys?: Keys): Env => {
  const { label, names, positions } = p
  if (p.n === args.length && !keys) return [parent, ...args]
  const env: Env = [parent]
  const rest = spread(
    p.keys && keys
      ? args.filter((arg, i) => {
          const key = keys[i]
          const slot = p.keys!.get(key!)
          if (slot) env[slot] = arg
          else if (key !== undefined && !isOuter.test(key)) fail(`${label} takes no keyword :${key}`)
          return key === undefined
        })
      : args,
    p.keys ? undefined : keys,
  )
  if (rest.length < positions || (rest.length > positions && !p.rest))
    fail(`${label} takes ${p.rest ? 'at least ' : ''}${positions} arguments, not ${rest.length}`)
  names.forEach((_, i) => {
    env[i + 1] ??=
      (i < positions ? rest[i] : p.rest && i === names.length - 1 ? rest.slice(positions) : null) ?? null
  })
  return env
}
