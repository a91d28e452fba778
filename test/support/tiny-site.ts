// A site of one text for expansion tests: what its names mean, and each definition expanded on demand.
import { SxError } from '../../src/errors.ts'
import type { GroupedNode } from '../../src/ipld/kinds.ts'
import { expand, expandMacro } from '../../src/lang/expand.ts'
import type {
  Expanded,
  ExpandedMacro,
  ExpandLimits,
  ExpandPorts,
  Home,
  MacroDefinition,
} from '../../src/lang/meaning.ts'
import { print } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'
import { isDict, isList, Keyword, type List, Ref, Sym, sym, type Value } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'

const kinds: Record<string, string> = {
  defcomp: 'component',
  defisland: 'island',
  define: 'value',
  defstyle: 'value',
  defhandler: 'handler',
  defquery: 'query',
  defaction: 'action',
}

export interface TinySite {
  readonly home: Home
  readonly ports: ExpandPorts
  /** a definition of the text, expanded */
  expand(name: string): Expanded
  /** one expression as the value of a definition of this site */
  expression(text: string, o?: { stored?: boolean; bound?: string[] }): Expanded
  macro(name: string): ExpandedMacro
}

export const tinySite = (
  text: string,
  exports: Record<string, readonly string[]> = {},
  limits: Partial<ExpandLimits> = {},
): TinySite => {
  const sources = [read(text, 'site.sx')]
  const forms = new Map<string, List>()
  for (const form of sources[0]!.forms) {
    const list = form as List
    const target = isList(list[1]) ? list[1][0] : list[1]
    forms.set((target as Sym).name, list)
  }
  const macros = new Map<string, MacroDefinition>()
  const home: Home = {
    lookup(name) {
      const form = forms.get(name)
      if (form !== undefined) {
        if ((form[0] as Sym).name !== 'defmacro') return { kind: 'definition', name }
        const macro = macros.get(name) ?? { name, params: form[2] as List, body: form.slice(3), home }
        macros.set(name, macro)
        return { kind: 'macro', macro }
      }
      const libraries = Object.keys(exports).filter(library => exports[library]!.includes(name))
      if (libraries.length > 1)
        throw new SxError('ambiguous-name', `\`${name}\` is exported by ${libraries.join(' and ')}`, { name })
      return libraries.length === 1 ? { kind: 'export', library: libraries[0]!, name } : undefined
    },
    near: name => [...forms.keys()].filter(one => one.startsWith(name.slice(0, 3))),
  }
  const nodes = new Map<string, GroupedNode>()
  const runtime = createRuntime({
    definitions: { find: () => undefined, load: async () => {} },
    names: ref => {
      const node = nodes.get(ref.name) ?? { kind: 'value', body: site.expand(ref.name).body[0]! }
      nodes.set(ref.name, node)
      return node
    },
  })
  const ports: ExpandPorts = {
    callMacro: (macro, args) => runtime.callMacro(macro, args),
    placeOf(form, index) {
      for (const source of sources) {
        const place = source.placeOf(form, index)
        if (place !== undefined) return place
      }
      return undefined
    },
  }
  const site: TinySite = {
    home,
    ports,
    expand(name) {
      const form = forms.get(name)!
      const kind = kinds[(form[0] as Sym).name]!
      if (kind !== 'value')
        return expand({ kind, params: form[2] as List, body: form.slice(3) }, home, ports, limits)
      const body = isList(form[1]) ? [sym('fn'), form[1].slice(1), ...form.slice(2)] : form[2]!
      return expand({ kind, body: [body] }, home, ports, limits)
    },
    expression(text, { stored = false, bound } = {}) {
      const source = read(text, 'expression.sx')
      sources.push(source)
      return expand(
        { kind: 'value', body: source.forms, stored, ...(bound && { bound }) },
        home,
        ports,
        limits,
      )
    },
    macro(name) {
      const meaning = home.lookup(name)
      if (meaning?.kind !== 'macro') throw new Error(`${name} is no macro`)
      return expandMacro(meaning.macro, ports, limits)
    },
  }
  return site
}

const sugar: Record<string, string> = { quote: "'", quasiquote: '`', unquote: ',', 'splice-unquote': ',@' }

/** Expanded forms as text; references to definitions are written `@name`, to exports `@library#name`. */
export const show = (forms: readonly Value[]): string => forms.map(form => shown(form)).join(' ')

const shown = (value: Value): string => {
  if (value instanceof Ref)
    return value.library === undefined ? `@${value.name}` : `@${value.library}#${value.name}`
  if (isList(value) && value.length === 2 && value[0] instanceof Sym && Object.hasOwn(sugar, value[0].name))
    return `${sugar[value[0].name]}${shown(value[1]!)}`
  if (isList(value)) return `(${value.map(shown).join(' ')})`
  if (isDict(value))
    return `{${[...value].map(([key, item]) => `${print(new Keyword(key))} ${shown(item)}`).join(' ')}}`
  return print(value)
}

/** `refs` as the same text. */
export const showRefs = (expanded: Expanded): string[] => expanded.refs.map(shown)
