// Components and islands as they render: in their own dynamic scope, an island inside the element that makes it live.
import { compareKeys } from '../lang/order.ts'
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
  const env = bindArgs(f.p, f.env, args, keys)
  if (f.island) {
    const state = new Map<string, string>()
    keys?.forEach((key, i) => {
      const json = key === undefined ? undefined : toJson(args[i])
      if (json !== undefined) state.set(key!, json)
    })
    const names = [...state.keys()].sort(compareKeys)
    m.islands.push(f.id)
    m.sink.open(
      'span',
      [
        ['data-sx-island', f.id],
        ['data-sx-state', `{${names.map(name => JSON.stringify(name) + ':' + state.get(name)).join(',')}}`],
      ],
      m.ns,
    )
    m.push(closeIsland, env)
  }
  return m.go(f.code, env)
}
