// A unit's source → its node with names for references (format §2, stored forms), on demand and each unit once.
import { SxError } from '../errors.ts'
import { expand, expandMacro } from '../lang/expand.ts'
import type { Expanded, ExpandPorts, Home, Observer } from '../lang/meaning.ts'
import { compareKeys } from '../lang/order.ts'
import { Ref, type Value } from '../lang/values.ts'
import { placeIn, placeOf } from './definition.ts'
import type { LibrarySource } from './libraries.ts'
import type { PageSource } from './pages.ts'
import { Cascade } from './site-home.ts'
import { type Expansion, foreignLinks, isMacro, refKey, type Unit, type UnitDraft } from './unit.ts'

/** An error with the place and the name of the definition in it, where it had none. */
export const placed = (error: SxError, unit: Unit): SxError => {
  const { form, index } = error.detail as { form?: Value; index?: number }
  const place =
    error.detail.place ??
    (form === undefined ? undefined : (placeIn(unit.source, form, index) ?? placeIn(unit.source, form))) ??
    placeOf(unit.origin.at)
  const { form: _, index: __, ...detail } = error.detail
  return new SxError(error.code, error.message, { ...detail, place, definition: unit.name }, error.cause)
}

/** What went wrong was told already, however deep it is wrapped. */
const isCascade = (error: unknown): boolean => {
  for (let at = error, depth = 0; at instanceof Error && depth < 16; at = at.cause, depth++)
    if (at instanceof Cascade) return true
  return false
}

export interface ExpanderPorts {
  readonly callMacro: ExpandPorts['callMacro']
  readonly siteHome: Home
  readonly libraryHome: (library: LibrarySource) => Home
  /** CID of the WebAssembly module of this name */
  readonly moduleCid: (name: string) => string | undefined
  /** some source may hold `@h:` or `@x:` */
  readonly seekForeign: () => boolean
  readonly observe?: Observer | undefined
}

export interface Expander {
  /** Expands what has no expansion yet. Throws `Cascade` when it can't; `errors` holds why. */
  expand(unit: Unit): Expansion
  /** Starts an update: failures and prepared macros are forgotten; returns the list that errors will go to. */
  begin(): SxError[]
}

export const createExpander = ({
  callMacro,
  siteHome,
  libraryHome,
  moduleCid,
  seekForeign,
  observe,
}: ExpanderPorts): Expander => {
  /** units under expansion, outermost first: a macro's code may need another definition expanded */
  const open: Unit[] = []
  let failed = new Set<Unit>()
  let errors: SxError[] = []
  const macroUnits = new Set<Unit>()

  const placeOfForm: ExpandPorts['placeOf'] = (form, index) => {
    for (let i = open.length - 1; i >= 0; i--) {
      const place = placeIn((open[i] as Unit).source, form, index)
      if (place !== undefined) return place
    }
    for (const unit of macroUnits) {
      const place = placeIn(unit.source, form, index)
      if (place !== undefined) return place
    }
    return undefined
  }
  // Expansion keeps prepared macros as long as the ports object lives, and they hold as long as names do.
  let ports: ExpandPorts = { callMacro, placeOf: placeOfForm, observe }

  const finish = (
    expanded: Expanded,
    draft: UnitDraft,
    more: { refs?: Iterable<Ref>; paths?: Expanded; modules?: readonly string[] } = {},
  ): Expansion => {
    const refs = new Map(expanded.refs.map(ref => [refKey(ref), ref]))
    for (const ref of [...(more.refs ?? []), ...(more.paths?.refs ?? [])]) refs.set(refKey(ref), ref)
    const foreign = new Set<string>()
    if (seekForeign()) {
      foreignLinks(expanded.params, foreign)
      foreignLinks(expanded.body, foreign)
    }
    const { looked, macros, ran, hostIo, warnings } = expanded
    const { paths } = more
    return {
      draft,
      refs: [...refs.values()],
      foreign: [...foreign],
      paths: paths?.body[0],
      modules: more.modules ?? [],
      looked: paths === undefined ? looked : new Set([...looked, ...paths.looked]),
      macros: paths === undefined ? macros : new Set([...macros, ...paths.macros]),
      ran: paths === undefined ? ran : [...ran, ...paths.ran],
      hostIo,
      warnings: paths === undefined ? warnings : [...warnings, ...paths.warnings],
    }
  }

  const expandPage = (page: PageSource): Expansion => {
    const keys = [...page.meta.keys()].sort(compareKeys)
    const whole = expand(
      { bound: page.bound, body: [page.body, ...keys.map(key => page.meta.get(key) as Value)], kind: 'page' },
      siteHome,
      ports,
    )
    const meta = new Map(keys.map((key, i) => [key, whole.body[i + 1] as Value]))
    const paths =
      page.paths === undefined ? undefined : expand({ body: [page.paths], kind: 'page' }, siteHome, ports)
    return finish(
      whole,
      { kind: 'page', path: page.path, meta, body: whole.body[0] as Value },
      paths && { paths },
    )
  }

  const expandLibrary = (library: LibrarySource): Expansion => {
    const expanded = expand(
      { body: library.forms, kind: 'library', names: library.names },
      libraryHome(library),
      ports,
    )
    return finish(
      expanded,
      { kind: 'library', name: library.name, exports: library.exports, forms: expanded.body },
      {
        refs: library.imports
          .filter(one => moduleCid(one.library) === undefined)
          .map(one => new Ref('', one.library)),
        modules: library.imports.flatMap(one => moduleCid(one.library) ?? []),
      },
    )
  }

  const run = (unit: Unit): Expansion => {
    const { origin, meaning } = unit
    if (origin.type === 'library') return expandLibrary(origin.at)
    if (origin.type === 'page') return expandPage(origin.at)
    const { at } = origin
    if (isMacro(meaning)) {
      macroUnits.add(unit)
      const macro = expandMacro(meaning.macro, ports)
      const refs = macro.templateRefs
      const named = [...refs.values()].filter(ref => ref instanceof Ref)
      return finish(macro, { kind: 'macro', params: macro.params, body: macro.body, refs }, { refs: named })
    }
    const expanded = expand({ params: at.params, body: at.body, kind: at.kind }, siteHome, ports)
    const { params, body } = expanded
    if (at.kind === 'value') return finish(expanded, { kind: 'value', body: body[0] as Value })
    if (at.kind === 'component' || at.kind === 'island')
      return finish(expanded, { kind: at.kind, params, body })
    const kind = at.kind as 'handler' | 'query' | 'action'
    // Not declared is any effect: `*` is its name.
    return finish(expanded, { kind, params, body, effects: at.effects ?? ['*'] })
  }

  return {
    begin: () => {
      failed = new Set()
      errors = []
      macroUnits.clear()
      ports = { callMacro, placeOf: placeOfForm, observe }
      return errors
    },
    expand: unit => {
      if (unit.expansion !== undefined) return unit.expansion
      if (failed.has(unit)) throw new Cascade(unit.name)
      try {
        const at = open.indexOf(unit)
        if (at >= 0)
          throw new SxError('macro-failed', `the expansion of ${unit.name} needs ${unit.name} itself`, {
            cycle: [...open.slice(at), unit].map(one => one.name),
            hint: `it goes ${[...open.slice(at), unit].map(one => one.name).join(' → ')}`,
          })
        open.push(unit)
        try {
          unit.expansion = run(unit)
        } finally {
          open.pop()
        }
        return unit.expansion
      } catch (error) {
        if (!failed.has(unit)) {
          failed.add(unit)
          if (!isCascade(error)) {
            if (!(error instanceof SxError)) throw error
            errors.push(placed(error, unit))
          }
        }
        throw new Cascade(unit.name)
      }
    },
  }
}
