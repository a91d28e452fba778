// Components and islands as they render: in their own dynamic scope, an island inside the element that makes it live.
import type { Env } from './code.ts'
import type { Machine, Resume } from './machine.ts'
import { bindArgs, type Keys } from './params.ts'
import type { Component } from './values.ts'

const closeIsland: Resume = (_v, _k, m) => m.sink.close('span', m.ns)

/** `caller`: its environment; without it this is a step. */
export const renderComponent = (
  m: Machine,
  f: unknown,
  args: readonly unknown[],
  caller: Env | undefined,
  keys?: Keys,
): unknown => {
  const { p, env: home, island, code } = f as Component
  if (caller && (island || m.sink.call))
    return m.step((_env, m) => renderComponent(m, f, args, undefined, keys), caller)
  const taken = m.sink.call?.(f as Component, args, keys, m)
  if (taken !== undefined) return taken
  const env = bindArgs(p, home, args, keys)
  if (island) {
    m.sink.island(f as Component, m, args, keys)
    m.push(closeIsland, env)
  }
  return m.go(code, env)
}
