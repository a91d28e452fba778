// The element in which a server puts an island: which one it is, and what a browser needs to bring it to life.
import { toJson } from './json.ts'
import type { Machine } from './machine.ts'
import { isOuter } from './params.ts'
import { reviveDict } from './revive.ts'
import type { Attribute, Sink } from './sink.ts'
import { type Component, equal, fail } from './values.ts'

const times: readonly unknown[] = ['load', 'idle', 'visible', 'interaction']

/**
 * An island's state holds those keyword arguments that are data. What is more than that (markup, functions, data that
 * JSON can't hold) is for the page to say: `data-sx-page`.
 */
export const openIsland: Sink['island'] = function (
  this: Sink,
  { id, p }: Component,
  m: Machine,
  args,
  keys,
): void {
  const state = new Map<string, unknown>()
  let asksPage = false
  let hydrate: unknown
  args.forEach((arg, i) => {
    const key = keys?.[i]
    if (key && isOuter.test(key) && !p.keys?.has(key)) {
      if (key === 'hydrate')
        hydrate = times.includes(arg) ? arg : fail(`:hydrate is one of ${times.join(' ')}`)
      return
    }
    const json = key && toJson(arg)
    if (json) state.set(key, arg)
    if (!json || !equal(JSON.parse(json, reviveDict), arg)) asksPage = true
  })
  m.islands.push(id)
  this.open(
    'span',
    [
      ['data-sx-island', id],
      ['data-sx-state', toJson(state)!],
      ...(typeof hydrate === 'string' && hydrate !== 'load'
        ? [['data-sx-hydrate', hydrate] satisfies Attribute]
        : []),
      ...(asksPage ? [['data-sx-page', ''] satisfies Attribute] : []),
    ],
    m.ns,
  )
}
