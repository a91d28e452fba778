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
  readonly keys: ReadonlyMap<string, number> | undefined
  readonly rest: boolean
  readonly label: string
}

export const parseParams = (list: Value, label: string): Params => {
  if (!isList(list))
    return { n: -1, names: [(list as Sym).name], positions: 0, keys: undefined, rest: true, label }
  const names: string[] = []
  let positions = 0
  let keys: Map<string, number> | undefined
  let mode = ''
  for (const item of list) {
    const name = parameterName(item)?.name ?? fail(`a parameter of ${label} is not a name`)
    if (name === '&key' || name === '&rest') mode = name
    else {
      if (mode === '&key') (keys ??= new Map()).set(keywordOf(name), names.length)
      else if (mode === '') positions++
      names.push(name)
    }
  }
  const rest = mode === '&rest'
  return { n: keys || rest ? -1 : positions, names, positions, keys, rest, label }
}

const many = (n: number): string => `${n} argument${n === 1 ? '' : 's'}`

/**
 * A new environment for the callee. `keys[i]` is the keyword that stood before argument i in the call; a callee
 * without `&key` takes it as one more argument, a string.
 */
export const bindArgs = (
  p: Params,
  parent: Env,
  args: readonly unknown[],
  keys?: readonly (string | undefined)[],
): Env => {
  const env: Env = [parent]
  let rest: unknown[] = args as unknown[]
  if (keys !== undefined) {
    rest = []
    for (let i = 0; i < args.length; i++) {
      const key = keys[i]
      if (key !== undefined) {
        if (p.keys) {
          const slot = p.keys.get(key)
          if (slot === undefined)
            fail(
              `${p.label} takes no keyword :${key}`,
              `It takes ${[...p.keys.keys()].map(k => ':' + k).join(' ')}.`,
            )
          env[slot! + 1] = args[i]
          continue
        }
        rest.push(key)
      }
      rest.push(args[i])
    }
  }
  const { positions, names } = p
  if (rest.length < positions || (rest.length > positions && !p.rest))
    fail(
      `${p.label} takes ${p.rest ? 'at least ' : ''}${many(positions)}${p.keys ? ' beside its keywords' : ''}, not ${rest.length}`,
    )
  for (let i = 0; i < positions; i++) env[i + 1] = rest[i]
  if (p.rest) env[names.length] = rest.slice(positions)
  for (let i = positions + 1; i <= names.length; i++) if (env[i] === undefined) env[i] = null
  return env
}
