// Components and islands as they render: in their own dynamic scope, an island inside the element that makes it live.
import { toJson } from './json.ts'
import type { Machine, Resume } from './machine.ts'
import { bindArgs } from './params.ts'
import type { Component } from './values.ts'

const closeIsland: Resume = (_v, _k, m) => {
  m.sink.close('span', m.ns)
}

/** `keys[i]`: the keyword before argument i. An island's state holds those keyword arguments that are data. */
export const renderComponent = (
  f: Component,
  args: readonly unknown[],
  keys: readonly (string | undefined)[] | undefined,
  m: Machine,
): unknown => {
  const taken = m.sink.call?.(f, args, keys, m)
  if (taken !== undefined) return taken
  const env = bindArgs(f.p, f.env, args, keys)
  if (f.island) {
    const state = new Map<string, unknown>()
    keys?.forEach((key, i) => {
      if (key !== undefined && toJson(args[i]) !== undefined) state.set(key, args[i])
    })
    m.islands.push(f.id)
    m.sink.open(
      'span',
      [
        ['data-sx-island', f.id],
        ['data-sx-state', toJson(state)!],
      ],
      m.ns,
    )
    m.push(closeIsland, env)
  }
  return m.go(f.code, env)
}
