// The expander: outside-in, with scope. Macro calls are expanded at the head, forms go to walk.ts, names to resolve.ts.
import type { Place } from '../errors.ts'
import { expandBody, expandLibrary, expandParams } from './body.ts'
import type { Expander } from './expansion.ts'
import { type Callable, createAdopter } from './macro.ts'
import { createMacroCalls, type Findings } from './macro-call.ts'
import type { ExpandLimits, ExpandPorts, ExpandWhat, Home, MacroDefinition } from './meaning.ts'
import { createResolver } from './resolve.ts'
import { rewrites } from './rewrite.ts'
import { type Binder, type Draft, Local, Scope } from './scope.ts'
import { type FormRow, type Reading, rowOf } from './syntax.ts'
import { templateMark } from './template.ts'
import { createTrace } from './trace.ts'
import { isDict, isList, type List, MemberRef, Ref, Sym, type Value } from './values.ts'
import { walks } from './walk.ts'
import { auxiliary, forms, isReserved, tags } from './words.ts'

export interface Run {
  readonly params: readonly Draft[]
  readonly body: readonly Draft[]
  readonly findings: Findings
  /** some template made symbols, so binders may need numbers */
  readonly marked: boolean
  /** template mark → the home of what the mark's symbols mean */
  readonly templateHomes: ReadonlyMap<number, Home>
}

const noName = { hint: 'write a name without `#`' }

/** Expands one definition. `prepare` gives a macro's callable code. */
export const runExpander = (
  what: ExpandWhat & { readonly macroCode?: boolean },
  home: Home,
  ports: ExpandPorts,
  limits: ExpandLimits,
  prepare: (macro: MacroDefinition) => Callable,
): Run => {
  const findings: Findings = {
    looked: new Set(),
    macros: new Set(),
    ran: new Map(),
    hostIo: new Set(),
    warnings: [],
  }
  const parameters: { binder: Binder; place: () => Place | undefined }[] = []
  const calledTags: { binder: Binder; place: Place | undefined }[] = []
  const { names } = what
  const trace = createTrace(ports, limits)
  const { fail, inside, within } = trace
  const adopter = createAdopter(home, limits)
  const resolver = createResolver(names, home, adopter, trace, findings.looked)
  const { resolve, word, unknown } = resolver

  const readable = (symbol: Sym) => what.stored === true || !symbol.name.includes('#')

  const symbolForm = (
    symbol: Sym,
    scope: Scope,
    parent: Value,
    at: number | undefined,
    isHead: boolean,
  ): Draft => {
    const { name } = symbol
    const binder = scope.find(symbol)
    if (binder !== undefined) {
      ports.observe?.used(binder)
      if (isHead && !binder.called) {
        binder.called = true
        if (tags.has(name) && symbol.mark === 0) calledTags.push({ binder, place: trace.placeOf(parent, at) })
      }
      return new Local(binder, false)
    }
    const wrap = () => ({ hint: `wrap it: (fn (x) (${name} … x))` })
    if (forms.has(name)) throw fail('syntax-form', `\`${name}\` is a form, not a value`, parent, at, wrap())
    if (auxiliary.has(name)) throw fail('syntax-form', `\`${name}\` means nothing in this place`, parent, at)
    if (!readable(symbol))
      throw fail('syntax-reserved', `\`${name}\` is a name that only expansion makes`, parent, at, noName)
    const meaning = resolve(symbol, parent, at)
    if (meaning === undefined) throw unknown(symbol, scope, parent, at)
    if (meaning.kind === 'reference') return meaning.reference
    if (meaning.kind === 'macro')
      throw fail('syntax-form', `\`${name}\` is a macro, not a value`, parent, at, wrap())
    if (meaning.kind === 'tag' && !isHead)
      throw fail('unknown-name', `\`${name}\` is a tag, not a value`, parent, at, {
        name,
        near: [],
        hint: `write (${name} …)`,
      })
    if (meaning.kind === 'io') findings.hostIo.add(name)
    return word(symbol, meaning.kind, scope, parent, at)
  }

  const calls = createMacroCalls({ home, ports, trace, adopter, resolver, readable, findings, prepare })

  const rewriteOf = (form: Value): ((form: List) => Value) | undefined => {
    if (!isList(form) || !(form[0] instanceof Sym)) return undefined
    const { name } = form[0]
    const rewrite = rewrites.get(name)
    if (rewrite === undefined) return undefined
    return list => {
      checked(list, name)
      return rewrite(expander, list)
    }
  }

  // Forms

  /** The form's row, when it has the right number of operands. */
  const checked = (form: List, name: string): FormRow => {
    // Every name in `forms` has a row.
    const row = rowOf(name)!
    const { min, max, reading } = row
    const given = form.length - 1
    // Where a define or a definition stands is wrong before its operands are.
    if ((given < min || given > max) && reading !== 'define' && reading !== 'definition') {
      const bound = given < min ? min : max
      const expected = `${min === max ? '' : given < min ? 'at least ' : 'at most '}${bound} operand${bound === 1 ? '' : 's'}`
      throw expander.malformed(form, `${expected} expected, ${given} found`)
    }
    return row
  }

  const list = (form: List, scope: Scope): Draft => {
    const head = form[0]!
    if (!(head instanceof Sym)) return expander.expressions(form, 0, scope)
    if (forms.has(head.name)) {
      const { reading } = checked(form, head.name)
      // A form to rewrite was rewritten by `unfold`.
      return walks[reading as Exclude<Reading, 'rewrite'>](expander, form, scope)
    }
    const called = symbolForm(head, scope, form, 0, true)
    if (ports.observe !== undefined && (called instanceof Ref || called instanceof Sym))
      ports.observe.call(
        called,
        form,
        names?.has(head.name) === true,
        () => trace.placeOf(form),
        trace.expansions,
      )
    return [called, ...expander.expressions(form, 1, scope)]
  }

  const parameterOf = (params: List) => (binder: Binder, index: number) => {
    ports.observe?.parameter(binder)
    if (tags.has(binder.name) && binder.mark === 0 && !expander.macroCode)
      parameters.push({ binder, place: () => trace.placeOf(params, index) })
  }

  const expander: Expander = {
    macroCode: what.macroCode === true,
    readable,
    fail,
    inside,
    within,
    active: trace.active,
    expression(form, scope, parent = null, index) {
      if (form instanceof Sym) return symbolForm(form, scope, parent, index, false)
      if (isDict(form))
        return inside(form, () => {
          let i = 0
          return new Map([...form].map(([key, value]) => [key, expander.expression(value, scope, form, i++)]))
        })
      if (form instanceof MemberRef && what.stored !== true)
        throw fail('syntax-form', 'a member reference stands only in the block of its group', parent, index)
      if (!isList(form) || form.length === 0) return form
      const head = form[0]
      // Neither a macro's call nor a form that is rewritten: most lists.
      if (!(head instanceof Sym) || (forms.has(head.name) && !rewrites.has(head.name)))
        return inside(form, () => list(form, scope))
      const placed = expander.unfold({ form, parent, index: index ?? 0, active: trace.active() }, scope)
      if (placed.form === form) return inside(form, () => list(form, scope))
      // What is left is no macro call, so this goes one level down and no further.
      return within(placed.active, () => expander.expression(placed.form, scope, placed.parent))
    },
    expressions(form, from, scope) {
      const drafts: Draft[] = []
      for (let i = from; i < form.length; i++) drafts.push(expander.expression(form[i]!, scope, form, i))
      return drafts
    },
    lambda(form, paramsAt, paramsFrom, bodyFrom, scope) {
      const params = form[paramsAt]
      if (!isList(params)) throw expander.malformed(form, 'a list of parameters is missing', paramsAt)
      const inner = new Scope(scope)
      return [
        inside(params, () => expandParams(expander, params, paramsFrom, inner, parameterOf(params))),
        ...expandBody(expander, form, bodyFrom, inner),
      ]
    },
    bind(name, scope, parent, index) {
      const at = name === undefined ? undefined : index
      if (!(name instanceof Sym)) throw fail('syntax-form', 'a name is expected here', parent, at)
      if (isReserved(name.name))
        throw fail(
          'syntax-reserved',
          `\`${name.name}\` is a word of the language and can't be bound`,
          parent,
          at,
          {
            hint: `use another name, such as \`${name.name === '_' ? '_x' : `my-${name.name}`}\``,
          },
        )
      if (!readable(name))
        throw fail(
          'syntax-reserved',
          `\`${name.name}\` is a name that only expansion makes`,
          parent,
          at,
          noName,
        )
      if (scope.own(name) !== undefined)
        throw fail('syntax-form', `\`${name.name}\` is bound twice here`, parent, at)
      const binder: Binder = { name: name.name, mark: name.mark, hides: false, k: 0, called: false }
      scope.add(binder)
      if (name.mark === 0) ports.observe?.bound(binder, parent, index)
      return new Local(binder, true)
    },
    unfold(placed, scope, used) {
      let now = placed
      for (;;) {
        const rewrite = rewriteOf(now.form)
        if (rewrite !== undefined) {
          const { form } = now
          const rewritten = within(now.active, () => rewrite(form as List))
          now = { form: rewritten, parent: form, index: 0, active: now.active }
          continue
        }
        const found = calls.find(now.form, scope)
        if (found === undefined) return now
        const next = within(now.active, () => calls.expand(found))
        used?.(found.head)
        now = { form: next.result, parent: next.result, index: 0, active: next }
      }
    },
    malformed(at, whatIsWrong, index, form = at) {
      const { name } = form[0] as Sym
      // Only forms with a row come here.
      const hint = `it is written ${rowOf(name)!.usage}`
      return fail('syntax-form', `${name}: ${whatIsWrong}`, at, index, { hint })
    },
    warn(code, message, parent, index, hint) {
      const place = trace.placeOf(parent, index)
      findings.warnings.push({ code, message, detail: { ...(place && { place }), hint } })
    },
    freeWord(name, scope) {
      if (scope.find(name) !== undefined || isReserved(name.name) || !readable(name)) return undefined
      const kind = resolve(name, null)?.kind
      return kind === 'primitive' || kind === 'tag' || kind === 'io' ? kind : undefined
    },
  }

  // The definition

  const outermost = new Scope()
  for (const name of what.bound ?? [])
    outermost.add({
      name,
      mark: 0,
      fixed: "a parameter of the page's path",
      hides: false,
      k: 0,
      called: false,
    })
  const scope = new Scope(outermost)
  const { params = [], body, kind } = what
  const drafts = {
    params: inside(params, () => expandParams(expander, params, 0, scope, parameterOf(params))),
    body: inside(body, () =>
      kind === 'library' && names !== undefined
        ? expandLibrary(expander, body, names, scope)
        : kind === 'value' || kind === 'page'
          ? expander.expressions(body, 0, scope)
          : expandBody(expander, body, 0, scope),
    ),
  }
  resolver.checkHidden()
  const warnOfTag = (binder: Binder, what: string, place: Place | undefined) =>
    findings.warnings.push({
      code: 'tag-parameter',
      message: `the ${what} \`${binder.name}\` is named like a tag`,
      detail: {
        ...(place && { place }),
        called: binder.called,
        hint: `(${binder.name} …) is the tag while rendering, whatever the ${what} holds`,
      },
    })
  // The place of a parameter that is never called is not worth a walk through the source.
  for (const { binder, place } of parameters)
    warnOfTag(binder, 'parameter', binder.called ? place() : undefined)
  const isParameter = new Set(parameters.map(one => one.binder))
  for (const { binder, place } of calledTags)
    if (!isParameter.has(binder)) warnOfTag(binder, 'local variable', place)
  const marks = adopter.marks()
  return {
    ...drafts,
    findings,
    marked: marks.length > 0,
    templateHomes: new Map([0, ...marks].map(mark => [templateMark(mark), adopter.homeOf(mark)])),
  }
}
