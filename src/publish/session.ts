// Expressions and definitions one after another, in memory, over a site's definitions: what `sx eval` and `sx repl` stand on.
import { type Place, SxError } from '../errors.ts'
import { docOf, placeOf } from '../ipld/definition.ts'
import { collect } from '../ipld/definitions.ts'
import type { GraphUpdate, SourceUnit } from '../ipld/graph.ts'
import { madeSource, pickForms } from '../lang/derived-source.ts'
import { pretty, print } from '../lang/printer.ts'
import { read, type Source } from '../lang/reader.ts'
import { rowOf } from '../lang/syntax.ts'
import { isDict, isList, Ref, Sym, sym, type Value } from '../lang/values.ts'
import { definitionForms, forms, hostIo, primitives, tags } from '../lang/words.ts'
import { Markup, Raw, show } from '../runtime/values.ts'
import { failed, placedAt } from './failed.ts'
import { createMemorySite, type MemoryOptions, type MemoryPorts } from './memory-site.ts'
import { headHtml } from './page-html.ts'
import { showSignature, signatureOfDefinition, signaturesOfLibrary } from './signatures.ts'
import type { Pending } from './source-folder.ts'

export type Outcome =
  | { readonly kind: 'defined'; readonly name: string }
  | {
      readonly kind: 'value'
      /** as SX where it is data; functions and the like as `<type>` */
      readonly text: string
      readonly isMarkup: boolean
      /** Rendered. Throws what rendering throws. */
      html(): string
    }

/** What is known of a name. */
export interface About {
  readonly kind: string
  readonly call?: string
  readonly doc?: string
  /** `file:line` */
  readonly source?: string
}

export interface Session {
  /**
   * Reads all of `text`, then takes its forms one by one. A definition lives on, also in place of one of the site.
   * Throws SxError, with a place, at the first that fails; those before it stay done.
   */
  run(text: string, file: string, each: (outcome: Outcome) => void): void
  /** The stored form of an expression or definition, with names for its references, as text. Throws as `run` does. */
  expand(text: string, file: string): string
  about(name: string): About | undefined
  /** every name that can be written */
  names(): readonly string[]
}

const topWords: ReadonlySet<string> = new Set<string>([...definitionForms, 'define'])
const isTop = (form: Value): boolean => isList(form) && form[0] instanceof Sym && topWords.has(form[0].name)

/** Data as the reader takes it; anything else as messages show it. */
export const valueText = (value: unknown): string => {
  try {
    return pretty(value as Value)
  } catch (error) {
    if (!(error instanceof SxError)) throw error
    return show(value)
  }
}

const expression = '_expression'

/** `sources`: of the site, as read. Throws 'build-failed' when they hold errors. */
export const createSession = (
  sources: Pick<Pending, 'set' | 'wasm'>,
  ports: MemoryPorts,
  options: Pick<MemoryOptions, 'strict' | 'others'> = {},
): Session => {
  const { graph, runtime, take } = createMemorySite(ports, options)
  /** path → what the graph has there: forms of the site give way to later definitions */
  const units = new Map<string, Source>()
  const typed = new Map<string, string>()
  let count = 0

  const update = (set: readonly SourceUnit[], remove: readonly string[] = []): void => {
    done(graph.update({ set, remove }), set, remove)
  }
  const done = (
    { errors }: GraphUpdate,
    set: readonly SourceUnit[],
    remove: readonly string[] = [],
  ): void => {
    if (errors.length > 0) throw failed(errors)
    for (const path of remove) units.delete(path)
    for (const { path, source } of set) units.set(path, source)
    runtime.forget()
  }
  if (sources.set.length > 0) done(take(sources), sources.set)

  /** The source that has this definition of another file, without it. */
  const without = (name: string, path: string): readonly SourceUnit[] => {
    const entry = graph.find(name)
    const source = entry && units.get(entry.path)
    if (entry === undefined || source === undefined || entry.path === path || entry.kind === 'library')
      return []
    const rest = [...source.forms.keys()].filter(index => index !== entry.origin.at.index)
    return [{ path: entry.path, source: pickForms(source, rest) }]
  }

  const define = (source: Source, index: number): string => {
    const only = pickForms(source, [index])
    const { definitions, library, pages, declarations } = collect(only, 'repl.sx')
    const name = (definitions[0] ?? library ?? pages[0] ?? declarations[0])?.name ?? ''
    const path = typed.get(name) ?? `repl-${++count}.sx`
    update([...without(name, path), { path, source: only }])
    typed.set(name, path)
    return name
  }

  /** Hands over the expanded form, and takes the expression out of the graph again. */
  const withExpanded = <T>(source: Source, index: number, use: (form: Value) => T): T => {
    const place = source.placeOf(source.forms, index)
    const form = [sym('define'), sym(expression), source.forms[index]!]
    update([{ path: `${expression}.sx`, source: madeSource(source, form, place) }])
    try {
      const draft = graph.find(expression)?.expansion?.draft
      if (draft?.kind !== 'value') throw new SxError('internal', 'an expression was not expanded')
      return use(draft.body)
    } catch (error) {
      throw error instanceof SxError ? placedAt(error, place) : error
    } finally {
      update([], [`${expression}.sx`])
    }
  }

  const outcomeOf = (form: Value, place: Place | undefined): Outcome => {
    const value = runtime.evaluateSync(form)
    const isMarkup = value instanceof Markup || value instanceof Raw
    return {
      kind: 'value',
      text: isMarkup ? '<markup>' : valueText(value),
      isMarkup,
      html: () => {
        try {
          const { html, head } = runtime.renderHtmlSync(sym('it'), new Map([['it', value]]))
          return headHtml(head) + html
        } catch (error) {
          throw placedAt(error, place)
        }
      },
    }
  }

  const named = (form: Value): Value => {
    if (form instanceof Ref) return sym(form.name)
    if (isList(form)) return form.map(named)
    return isDict(form) ? new Map([...form].map(([key, item]) => [key, named(item)])) : form
  }

  return {
    run(text, file, each) {
      const source = read(text, file)
      source.forms.forEach((form, index) => {
        if (isTop(form)) each({ kind: 'defined', name: define(source, index) })
        else {
          const place = source.placeOf(source.forms, index)
          each(withExpanded(source, index, body => outcomeOf(body, place)))
        }
      })
    },
    expand(text, file) {
      const source = read(text, file)
      return source.forms
        .map((form, index) => {
          if (!isTop(form)) return withExpanded(source, index, body => pretty(named(body)))
          const draft = graph.find(define(source, index))?.expansion?.draft
          if (draft === undefined || draft.kind === 'page') return print(form)
          if (draft.kind === 'library') return draft.forms.map(one => pretty(named(one))).join('\n')
          return draft.kind === 'value'
            ? pretty(named(draft.body))
            : pretty(named([sym('fn'), draft.params, ...draft.body]))
        })
        .join('\n')
    },
    about(name) {
      const entry = graph.find(name)
      if (entry !== undefined) {
        const { origin } = entry
        const { file, line } = placeOf(origin.at)
        const signature = origin.type === 'definition' ? signatureOfDefinition(origin.at) : undefined
        const doc = docOf(origin.at)
        return {
          kind: entry.kind,
          ...(signature && { call: showSignature(signature) }),
          ...(doc !== '' && { doc }),
          source: `${file}:${line}`,
        }
      }
      for (const { origin, name: library } of graph.entries())
        if (origin.type === 'library' && origin.at.exports.includes(name)) {
          const signature = signaturesOfLibrary(origin.at).get(name)
          const place = signature?.place ?? placeOf(origin.at)
          return {
            kind: `export of ${library}`,
            ...(signature && { call: showSignature(signature) }),
            source: `${place.file}:${place.line}`,
          }
        }
      const row = rowOf(name)
      if (row !== undefined) return { kind: 'form', call: row.usage }
      if (primitives.has(name)) return { kind: 'primitive' }
      if (tags.has(name)) return { kind: 'tag', call: `(${name} :attribute value … child …)` }
      return hostIo.has(name) ? { kind: 'host word' } : undefined
    },
    names: () => {
      const own = [...graph.entries()].flatMap(({ origin, name }) =>
        origin.type === 'library' ? origin.at.exports : [name],
      )
      return [...new Set([...own, ...forms, ...primitives, ...tags])]
    },
  }
}
