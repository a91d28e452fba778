// An island comes to life in the element where a server rendered it.
import type { CoreParts, RenderOptions } from './core.ts'
import { Island, type Live, runAt } from './live.ts'
import { LiveSink } from './live-sink.ts'
import { bind, type Frame, type Machine, type Shared } from './machine.ts'
import { bindArgs, type Keys } from './params.ts'
import type { Signal } from './signal.ts'
import type { Component } from './values.ts'

/** How long one evaluation may take in an island, in milliseconds: longer, and nobody would wait for the page. */
const PATIENCE = 5000

/** Where islands live. */
export interface Habitat extends RenderOptions {
  readonly core: CoreParts
  /** what they have in common */
  readonly shared: Shared
  readonly failed: Live['failed']
}

/** `signals`: those that it began with, in order. */
export interface Hydrated extends Island {
  readonly signals: readonly Signal[]
}

/**
 * What stands in the document is kept where it is the same: all of it, when the server told the truth. `k`: where it
 * stands in its page, whose dynamic scope it is in. Resolves when it lives, or has failed.
 */
export const hydrate = (
  { core, shared, failed, url }: Habitat,
  element: Element,
  id: string,
  args: readonly unknown[],
  keys: Keys | undefined,
  k: Frame | undefined,
): Promise<Hydrated> =>
  new Promise(resolve => {
    shared.live ??= { load: core.load, failed }
    const signals: Signal[] = []
    const begun = (): void => resolve(island)
    const island = Object.assign(new Island(element, undefined, begun), { signals })
    const m = Object.assign(
      core.doing(() => null, { ...core.limits, time: PATIENCE }),
      { shared, url },
    )
    const sink = new LiveSink(element, element.firstChild, null)
    const render = bind(core.definition(id), (f, _env, m) => {
      const { p, env, code } = f as Component
      return m.go(code, bindArgs(p, env, args, keys))
    })
    const step = (m: Machine): unknown => {
      m.sink = sink
      m.made = signals
      return m.go(render, [null, id])
    }
    const done = (_v: unknown, m: Machine): void => {
      sink.finish()
      m.made = undefined
      begun()
    }
    runAt({ m, k, owner: island }, true, step, done, island)
  })
