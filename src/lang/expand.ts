// Expansion of one definition: macros run, names resolved, binders named. What comes out is what is stored (format §2).
import { SxError } from '../errors.ts'
import { type Run, runExpander } from './expander.ts'
import type { Callable } from './macro.ts'
import type {
  Expanded,
  ExpandedMacro,
  ExpandLimits,
  ExpandPorts,
  ExpandWhat,
  Home,
  MacroDefinition,
} from './meaning.ts'
import { type Draft, type Reference, settle } from './scope.ts'
import { CALLER } from './template.ts'
import { isDict, isList, type List, Ref, Sym, type Value } from './values.ts'
import { forms, isPureForMacro, isReserved, primitives, tags } from './words.ts'

export const defaultExpandLimits: ExpandLimits = {
  depth: 512,
  expansions: 10_000,
  chain: 1_000,
  forms: 1_000_000,
}

/**
 * Expands a definition's parameters and body.
 *
 * Throws SxError: 'syntax-form' (a form is malformed), 'syntax-reserved' (a word of the language is bound, or a name
 * like `x#1` written), 'unknown-name', 'ambiguous-name', 'macro-failed', 'macro-limit', 'read-limit' (nested too
 * deep); `detail.place` is where, `detail.related` the macro calls it came out of, `detail.expansion` their result.
 */
export const expand = (
  what: ExpandWhat,
  home: Home,
  ports: ExpandPorts,
  limits: Partial<ExpandLimits> = {},
): Expanded => {
  const all = { ...defaultExpandLimits, ...limits }
  return finish(runExpander(what, home, ports, all, macro => prepare(macro, ports, all, []).callable))
}

/**
 * A macro for storage: `params` and `body` are its own code expanded, its templates as written; `templateRefs` say
 * what names in those templates mean where it was defined. Throws like `expand`, and 'macro-failed' when its code
 * uses host IO or a primitive that is not pure.
 */
export const expandMacro = (
  macro: MacroDefinition,
  ports: ExpandPorts,
  limits: Partial<ExpandLimits> = {},
): ExpandedMacro => prepare(macro, ports, { ...defaultExpandLimits, ...limits }, []).expanded

interface Prepared {
  readonly expanded: ExpandedMacro
  readonly callable: Callable
}

/** Kept as long as the ports object lives: whoever changes what a home answers brings new ports. */
const preparedBy = new WeakMap<ExpandPorts, Map<MacroDefinition, Prepared>>()

const prepare = (
  macro: MacroDefinition,
  ports: ExpandPorts,
  limits: ExpandLimits,
  under: readonly MacroDefinition[],
): Prepared => {
  const known = preparedBy.get(ports) ?? new Map<MacroDefinition, Prepared>()
  preparedBy.set(ports, known)
  const found = known.get(macro)
  if (found !== undefined) return found
  if (under.includes(macro)) {
    const chain = [...under.slice(under.indexOf(macro)), macro].map(one => one.name)
    throw new SxError('macro-limit', `a macro's own code needs its expansion: ${chain.join(' → ')}`, {
      chain,
      hint: 'only its template may call it again',
    })
  }
  const run = runExpander(
    { kind: 'macro', params: macro.params, body: macro.body, macroCode: true, stored: macro.stored === true },
    macro.home,
    ports,
    limits,
    inner => prepare(inner, ports, limits, [...under, macro]).callable,
  )
  const expanded = finish(run)
  const [params, body] = split(run, drafts => settle(drafts, false, true).forms)
  checkPure(macro, run)
  const looked = new Set(expanded.looked)
  const templateRefs = referencesOfTemplates(macro, body, run, looked)
  const ran = new Map(run.findings.ran)
  for (const ref of expanded.refs) ran.set(`${ref.library ?? ''}\0${ref.name}`, ref)
  const prepared: Prepared = {
    expanded: { ...expanded, looked, templateRefs },
    callable: {
      code: { name: macro.name, params, body },
      homes: run.templateHomes,
      looked,
      macros: expanded.macros,
      ran,
    },
  }
  known.set(macro, prepared)
  return prepared
}

const split = (run: Run, change: (drafts: readonly Draft[]) => Value[]): [List, List] => {
  const all = change([...run.params, ...run.body])
  return [all.slice(0, run.params.length), all.slice(run.params.length)]
}

const finish = (run: Run): Expanded => {
  const settled = settle([...run.params, ...run.body], run.marked)
  const { looked, macros, ran, hostIo, warnings } = run.findings
  return {
    params: settled.forms.slice(0, run.params.length),
    body: settled.forms.slice(run.params.length),
    refs: settled.refs,
    looked,
    macros,
    ran: [...ran.values()],
    hostIo,
    warnings,
  }
}

/** Host IO and impure primitives in a macro's own code; what the functions that it calls do, the evaluator refuses. */
const checkPure = (macro: MacroDefinition, run: Run) => {
  const [io] = run.findings.hostIo
  const impure = io ?? firstImpure(run.body)
  if (impure !== undefined)
    throw new SxError('macro-failed', `the macro \`${macro.name}\` uses \`${impure}\`, which is not pure`, {
      hint: 'an expansion is a function of the call alone; use it in the template, so that it runs later',
    })
}

/** Code symbols of the draft are unmarked and template symbols are not, so a bare walk tells them apart. */
const firstImpure = (draft: Draft | undefined): string | undefined => {
  if (draft instanceof Sym)
    return draft.mark === 0 && primitives.has(draft.name) && !isPureForMacro(draft.name)
      ? draft.name
      : undefined
  if (Array.isArray(draft) || draft instanceof Map)
    for (const item of draft.values() as Iterable<Draft>) {
      const found = firstImpure(item)
      if (found !== undefined) return found
    }
  return undefined
}

/**
 * What the names in templates mean at home. Which of them templates bind shows only when they are expanded, so
 * every template symbol that has a meaning there counts.
 */
const referencesOfTemplates = (
  macro: MacroDefinition,
  body: List,
  run: Run,
  looked: Set<string>,
): Map<string, Reference> => {
  const refs = new Map<string, Reference>()
  const walk = (value: Value): void => {
    if (isList(value)) for (const item of value) walk(item)
    else if (isDict(value)) for (const item of value.values()) walk(item)
    else if (
      value instanceof Sym &&
      value.mark < CALLER &&
      !refs.has(value.name) &&
      !isReserved(value.name)
    ) {
      if (tags.has(value.name) || forms.has(value.name)) return
      const home = run.templateHomes.get(value.mark) ?? macro.home
      if (home === macro.home) looked.add(value.name)
      const meaning = home.lookup(value.name)
      if (meaning?.kind === 'definition') refs.set(value.name, new Ref(meaning.name))
      else if (meaning?.kind === 'export') refs.set(value.name, new Ref(meaning.name, meaning.library))
      else if (meaning?.kind === 'macro') refs.set(value.name, new Ref(meaning.macro.name))
      else if (meaning?.kind === 'link') refs.set(value.name, meaning.link)
    }
  }
  walk(body)
  return refs
}
