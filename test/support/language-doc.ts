// The examples of docs/language.md: found in its fenced blocks, expanded as a build expands them.
import { readFileSync } from 'node:fs'
import { SxError } from '../../src/errors.ts'
import { createGraph, type Graph } from '../../src/ipld/graph.ts'
import type { GroupedNode } from '../../src/ipld/kinds.ts'
import { contentId } from '../../src/lang/canonical.ts'
import { print } from '../../src/lang/printer.ts'
import { read, type Source } from '../../src/lang/reader.ts'
import { ExportLink, isDict, isList, type List, Ref, Sym, sym, type Value } from '../../src/lang/values.ts'
import { definitionForms } from '../../src/lang/words.ts'
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import { Markup, show } from '../../src/runtime/values.ts'
import type { ExpandedExample } from '../browser/entries/observe.ts'
import { sha256 } from './graph-site.ts'

export const languageDoc = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8')

export interface Example {
  readonly line: number
  readonly text: string
  /** `value`, `<html>` in which `…` stands for anything, or `error: code` */
  readonly expected: string
  /** every symbol of the example, and of the definitions before it */
  readonly words: ReadonlySet<string>
  /** in Node, as `expected` writes it */
  run(): Promise<string>
  /** undefined where expansion fails */
  readonly expanded: ExpandedExample | undefined
}

const topWords: ReadonlySet<string> = new Set<string>([...definitionForms, 'define'])
const headOf = (form: Value): string => (isList(form) && form[0] instanceof Sym ? form[0].name : '')
/** What is run without arguments where an example wants to see its result. */
const runs: ReadonlySet<string> = new Set(['defpage', 'defhandler', 'defquery', 'defaction'])

const symbols = (value: Value, into: Set<string>): void => {
  if (value instanceof Sym) into.add(value.name)
  else if (isList(value)) for (const item of value) symbols(item, into)
  else if (isDict(value)) for (const item of value.values()) symbols(item, into)
}

const replaceRefs = (value: Value, by: (ref: Ref) => Value): Value => {
  if (value instanceof Ref) return by(value)
  if (isList(value)) return value.map(item => replaceRefs(item, by))
  return isDict(value) ? new Map([...value].map(([key, item]) => [key, replaceRefs(item, by)])) : value
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** One fenced block is one site, whose definitions come before what uses them. */
class Block {
  readonly blocks: Record<string, string> = {}
  readonly runtime: Runtime
  readonly graph: Graph
  private files = 0
  constructor() {
    this.runtime = createRuntime({
      definitions: { find: () => undefined, load: cid => Promise.reject(new Error(`no ${cid}`)) },
      names: ref => this.graph.node(ref) as GroupedNode | undefined,
    })
    this.graph = createGraph({ sha256, callMacro: this.runtime.callMacro, contentId })
  }

  add(source: Source, path: string): void {
    const { errors, blocks } = this.graph.update({ set: [{ path, source }], remove: [] })
    if (errors[0] !== undefined) throw errors[0]
    for (const { cid, bytes } of blocks) this.blocks[cid] = hex(bytes)
    this.runtime.forget()
  }

  define(form: Value): void {
    const path = `${(form as List)[0] instanceof Sym ? headOf(form) : 'x'}-${++this.files}.sx`
    this.add(read(print(form), path), path)
  }

  /** What an example evaluates: an expression, or what a page and its like do without arguments. */
  expand(form: Value): Value {
    if (runs.has(headOf(form))) {
      this.define(form)
      const name = ((form as List)[1] as Sym).name
      const entry = this.graph.find(name) ?? [...this.graph.pages()].find(page => page.name === name)
      const draft = entry?.expansion?.draft
      if (draft?.kind === 'page') return draft.body
      if (draft === undefined || !('params' in draft)) throw new Error(`${name} was not expanded`)
      return [[sym('fn'), draft.params, ...draft.body]]
    }
    const path = 'example.sx'
    this.add(read(print([sym('define'), sym('_example'), form]), path), path)
    const draft = this.graph.find('_example')?.expansion?.draft
    this.graph.update({ set: [], remove: [path] })
    if (draft?.kind !== 'value') throw new Error('not expanded')
    return draft.body
  }

  linked(form: Value): Value {
    return replaceRefs(form, ref => {
      const link = this.graph.linkOf(ref.library === undefined ? ref : new Ref(ref.library))
      if (link === undefined) throw new Error(`no link for ${ref.name}`)
      return ref.library === undefined ? link : new ExportLink(link.cid, ref.name)
    })
  }
}

/** What an example gives: a value, or HTML where that is expected or the value is markup (which may fail then). */
export const outcome = async (runtime: Runtime, form: Value, html: boolean): Promise<string> => {
  const value = html ? undefined : await runtime.evaluate(form)
  return html || value instanceof Markup ? (await runtime.renderHtml(form)).html : show(value)
}

const codeOf = (error: unknown): string => {
  if (error instanceof SxError) return `error: ${error.code}`
  throw error
}

const example = (block: Block, text: string, line: number, expected: string): Example => {
  const { forms } = read(text)
  const words = new Set<string>()
  symbols(forms, words)
  const html = expected.startsWith('<')
  let form: Value
  try {
    for (const one of forms.slice(0, -1)) {
      if (!topWords.has(headOf(one))) throw new Error(`line ${line}: an expression without its value`)
      block.define(one)
    }
    form = block.expand(forms.at(-1)!)
  } catch (error) {
    const told = codeOf(error)
    return { line, text, expected, words, run: async () => told, expanded: undefined }
  }
  const { runtime } = block
  return {
    line,
    text,
    expected,
    words,
    run: async () => {
      try {
        return await outcome(runtime, form, html)
      } catch (error) {
        return codeOf(error)
      }
    },
    expanded: { form: print(block.linked(form)), blocks: { ...block.blocks }, html },
  }
}

/** Every `form ; => value` and `form ; error: code` of the document's `sx` blocks. */
export const examplesOf = (markdown: string): Example[] => {
  const found: Example[] = []
  let block: Block | undefined
  let text = ''
  for (const [index, line] of markdown.split('\n').entries()) {
    if (line.startsWith('```')) {
      if (block !== undefined && text.trim() !== '') throw new Error(`line ${index}: no value after ${text}`)
      block = block === undefined && line === '```sx' ? new Block() : undefined
      text = ''
    } else if (block !== undefined) {
      const at = /^(.*?)\s*; (?:=> |(?=error: ))(.*)$/.exec(line)
      text += `${at === null ? line : at[1]}\n`
      if (at === null) continue
      found.push(example(block, text, index + 1, at[2]!.trim()))
      text = ''
    }
  }
  return found
}

export interface IslandStep {
  /** what a reader does: undefined where the page has just come */
  readonly act: 'click' | 'type' | undefined
  /** the accessible name of a button or a field */
  readonly name: string
  /** what is typed */
  readonly text: string
  /** the island's HTML afterwards */
  readonly expected: string
}

export interface IslandExample {
  readonly line: number
  /** a site of one page */
  readonly source: string
  readonly steps: readonly IslandStep[]
}

/**
 * Every `sx island` block: definitions, then a call `; => html`, which is the page's content, then what a reader does:
 * `; click "name" => html`, `; type "name" "text" => html`.
 */
export const islandExamplesOf = (markdown: string): IslandExample[] =>
  [...markdown.matchAll(/^```sx island\n(.*?)^```$/gms)].map(({ 1: block, index }) => {
    const line = markdown.slice(0, index).split('\n').length + 1
    const steps: IslandStep[] = []
    let source = ''
    for (const one of block!.trimEnd().split('\n')) {
      const called = /^(\(.*\))\s*; => (<.*)$/.exec(one)
      const did = /^; (click|type) "([^"]*)"(?: "([^"]*)")?\s*=> (<.*)$/.exec(one)
      if (called) {
        source += `(defpage example :path "/" :title "x" :content (main ${called[1]}))\n`
        steps.push({ act: undefined, name: '', text: '', expected: called[2]! })
      } else if (did)
        steps.push({ act: did[1] as 'click', name: did[2]!, text: did[3] ?? '', expected: did[4]! })
      else if (steps.length || one.startsWith(';'))
        throw new Error(`line ${line}: ${one} is no step of an example`)
      else source += `${one}\n`
    }
    if (steps.length < 2) throw new Error(`line ${line}: an island that nobody uses`)
    return { line, source, steps }
  })

/** Is this what the example says? `…` in HTML stands for anything. */
export const fits = (expected: string, seen: string): boolean => {
  if (!expected.startsWith('<') || !expected.includes('…')) return expected === seen
  const parts = expected.split('…').map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(seen)
}
