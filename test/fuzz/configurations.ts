// The ways in which one program is run. Each has to give what the server gives.
import { wordsOf } from '../../scripts/build-client.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { read } from '../../src/lang/reader.ts'
import { sym, type Value } from '../../src/lang/values.ts'
import { type CoreParts, createCore } from '../../src/runtime/core.ts'
import { extensions } from '../../src/runtime/extensions.ts'
import type { Extension } from '../../src/runtime/form.ts'
import { createHtmlSink } from '../../src/runtime/html.ts'
import { type Limits, type Machine, PAUSED } from '../../src/runtime/machine.ts'
import { mention, neededFor } from '../../src/runtime/mentions.ts'
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import { sha256 } from '../support/graph-site.ts'
import { type BuiltPage, type BuiltSite, closureOf } from './built-site.ts'
import type { Subject } from './observe.ts'

export interface Options {
  readonly limits: Partial<Limits>
}

/** For each page of a site, how it is run; undefined where this way of running can't tell. */
export type Configuration = (site: BuiltSite, o: Options) => (page: BuiltPage) => Subject | undefined

const loaded = ({ nodes }: BuiltSite) => ({ find: (cid: string) => nodes.get(cid), load: async () => {} })

const serving = (runtime: Runtime, form: Value): Subject => ({
  evaluate: scope => runtime.evaluateSync(form, scope),
  render: scope => runtime.renderHtmlSync(form, scope),
})

/** What `sx serve` does: code on JavaScript's stack, markup folded, arithmetic without calls, a clock. */
const server = (site: BuiltSite, { limits }: Options) => {
  const runtime = createRuntime({ definitions: loaded(site), limits, sha256, now: () => 0 })
  return (page: BuiltPage): Subject => serving(runtime, page.node.body)
}

/** What a build does: references are names, nothing was encoded. */
const built: Configuration = ({ graph }, { limits }) => {
  const runtime = createRuntime({
    definitions: { find: () => undefined, load: async () => {} },
    names: ref => graph.node(ref),
    limits,
  })
  return page => serving(runtime, page.expanded)
}

const moduleNames = Object.keys(extensions) as (keyof typeof extensions)[]
const wordsOfModules = Object.fromEntries(moduleNames.map(name => [name, wordsOf(name)]))

/** The names of the modules that a browser fetches for this page. */
export const modulesOf = (site: BuiltSite, page: BuiltPage): readonly string[] => {
  const found = known.get(page) ?? neededFor(wordsOfModules, wordsIn(site, page))
  known.set(page, found)
  return found
}

const known = new WeakMap<BuiltPage, readonly string[]>()

const needed = (site: BuiltSite, page: BuiltPage): readonly Extension[] => {
  const all: Readonly<Record<string, Extension>> = extensions
  return modulesOf(site, page).map(name => all[name]!)
}

/** The words that a page and its definitions mention. */
export const wordsIn = (site: BuiltSite, page: BuiltPage): ReadonlySet<string> => {
  const words = new Set<string>()
  for (const cid of closureOf(site, page.cid)) mention(site.nodes.get(cid), words)
  return words
}

const onCore = (core: CoreParts, form: Value): Subject => ({
  evaluate: scope => core.evaluate(form, scope),
  async render(scope) {
    const sink = createHtmlSink()
    const { head, islands } = await core.renderTo(sink, form, scope)
    return { html: sink.take(), head, islands }
  },
})

const modular = (site: BuiltSite, limits: Partial<Limits>): ((page: BuiltPage) => Subject) => {
  const cores = new Map<string, CoreParts>()
  return page => {
    const key = modulesOf(site, page).join()
    const core =
      cores.get(key) ?? createCore({ definitions: loaded(site), limits, extensions: needed(site, page) })
    cores.set(key, core)
    return onCore(core, page.node.body)
  }
}

/** The core with the modules that the page's words need, as a browser has it; the machine makes each call itself. */
const machine: Configuration = (site, { limits }) => modular(site, { ...limits, stack: 0 })

/** The same, where code that runs on JavaScript's stack gives way to the machine soon. */
const shallow: Configuration = (site, { limits }) => {
  const ways = [1, 2, 3, 5, 8].map(stack => modular(site, { ...limits, stack }))
  return page => ways[page.index % ways.length]!(page)
}

/** Every definition arrives late: the step that misses it is run again. */
const late: Configuration =
  (site, { limits }) =>
  page => {
    // It is computed where it is read, which may be where nothing can wait.
    if (wordsIn(site, page).has('computed')) return undefined
    const { nodes } = site
    const here = new Map<string, Node>()
    const definitions = {
      find: (cid: string) => here.get(cid),
      async load(cid: string) {
        here.set(cid, nodes.get(cid)!)
      },
    }
    return onCore(createCore({ definitions, limits, extensions: needed(site, page) }), page.node.body)
  }

/** Three steps at a time, as a stream is made. */
const sliced: Configuration = (site, { limits }) => {
  const core = createCore({ definitions: loaded(site), limits, extensions: Object.values(extensions) })
  const toEnd = (m: Machine): unknown => {
    for (;;) {
      const v = m.run(3)
      if (v !== PAUSED) return v
    }
  }
  return page => ({
    evaluate: scope => toEnd(core.machine(page.node.body, scope)),
    render(scope) {
      const sink = createHtmlSink()
      const m = core.machine(page.node.body, scope, sink)
      toEnd(m)
      return { html: sink.take(), head: m.head, islands: m.islands }
    },
  })
}

/** SX wire, rendered again. What is noted is not compared: the page evaluates what stayed a call. */
const wire: Configuration = (site, { limits }) => {
  const runtime = createRuntime({ definitions: loaded(site), limits, sha256 })
  const again = async (form: Value, scope: ReadonlyMap<string, unknown>): Promise<Value> => [
    sym('<>'),
    ...read((await runtime.renderWire(form, scope)).text).forms,
  ]
  /** What changes a list that it was given has a list of its own in each call of the text. */
  const notes = (cid: string): boolean => {
    const node = site.nodes.get(cid)!
    const all = node.kind === 'group' ? node.members : [node]
    return all.some(
      one => (one.kind === 'component' || one.kind === 'island') && one.params.includes(sym('log')),
    )
  }
  return page =>
    // A store that is made beside the calls is not there when they are rendered.
    [...closureOf(site, page.cid)].some(notes) || wordsIn(site, page).has('use-store')
      ? undefined
      : {
          evaluate: () => null,
          render: async scope => runtime.renderHtmlSync(await again(page.node.body, scope)),
        }
}

export const configurations = { server, machine, shallow, built, late, sliced, wire } satisfies Record<
  string,
  Configuration
>
export type ConfigurationName = keyof typeof configurations
