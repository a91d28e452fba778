// The expander: outside-in, with scope. Dispatches forms to walk.ts, resolves free names, expands macro calls.
import { type ErrorCode, type ErrorDetail, type Place, SxError } from '../errors.ts'
import { expandBody, expandLibrary, expandParams } from './body.ts'
import { excerpt } from './excerpt.ts'
import type { Active, Expander, Placed } from './expansion.ts'
import { type Callable, createAdopter } from './macro.ts'
import type {
  ExpandLimits,
  ExpandPorts,
  ExpandWhat,
  Home,
  MacroDefinition,
  Meaning,
  Warning,
} from './meaning.ts'
import { nearest } from './nearest.ts'
import { type Binder, type Draft, Local, type Reference, Scope } from './scope.ts'
import { rowOf } from './syntax.ts'
import { templateMark } from './template.ts'
import { isDict, isList, type List, Ref, Sym, sym, type Value } from './values.ts'
import { walks } from './walk.ts'
import { auxiliary, forms, hostIo, isReserved, primitives, tags } from './words.ts'

/** What a free name means, all told. */
type Resolved =
  | { readonly kind: 'macro'; readonly macro: MacroDefinition }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'own' | 'primitive' | 'tag' | 'io' }

/** What one run of the expander gathers. */
export interface Findings {
  readonly looked: Set<string>
  readonly macros: Set<string>
  readonly ran: Map<string, Ref>
  readonly hostIo: Set<string>
  readonly warnings: Warning[]
}

export interface Run {
  readonly params: readonly Draft[]
  readonly body: readonly Draft[]
  readonly findings: Findings
  /** some macro was expanded, so binders may need numbers */
  readonly expanded: boolean
  /** template mark → the home of what the mark's symbols mean */
  readonly templateHomes: ReadonlyMap<number, Home>
}

const noted = 8

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
  const parameters: { binder: Binder; place: Place | undefined }[] = []
  const resolved = new Map<Home, Map<string, Resolved | undefined>>()
  const enclosing: Value[] = []
  const adopter = createAdopter(home, limits)
  let active: Active | undefined
  let depth = 0

  // Errors

  const placeOf = (parent: Value, index?: number): Place | undefined =>
    ports.placeOf(parent, index) ?? (index === undefined ? undefined : ports.placeOf(parent))

  /** The form's own place, or that of the nearest form around it that an author wrote, or of the macro call. */
  const bestPlace = (parent: Value, index?: number): Place | undefined => {
    const own = placeOf(parent, index)
    if (own !== undefined) return own
    for (let one = active; one !== undefined; one = one.outer) {
      const place = ports.placeOf(one.call)
      if (place !== undefined) return place
    }
    for (let i = enclosing.length - 1; i >= 0; i--) {
      const place = ports.placeOf(enclosing[i]!)
      if (place !== undefined) return place
    }
    return undefined
  }

  /** Where it came from: the innermost macro call first, the call as written and its expansion as text. */
  const trace = () => {
    if (active === undefined) return {}
    const related: { note: string; place: Place }[] = []
    for (let one: Active | undefined = active; one !== undefined && related.length < noted; one = one.outer) {
      const place = ports.placeOf(one.call)
      if (place !== undefined) related.push({ note: `in the expansion of \`${one.name}\``, place })
    }
    return { related, call: excerpt(active.call), expansion: excerpt(active.result) }
  }

  const fail = (
    code: ErrorCode,
    message: string,
    parent: Value,
    index?: number,
    detail: ErrorDetail = {},
  ): SxError => {
    const place = bestPlace(parent, index)
    return new SxError(code, message, { ...(place && { place }), ...trace(), ...detail })
  }

  const chainOf = (from: Active | undefined): string[] => {
    const names: string[] = []
    for (let one = from; one !== undefined; one = one.outer) names.unshift(one.name)
    return names
  }

  const endless = (message: string, last: string, call: Value): SxError => {
    const chain = [...chainOf(active), last]
    const shown = chain.length > noted ? ['…', ...chain.slice(-noted)] : chain
    return fail('macro-limit', `${message}: ${shown.join(' → ')}`, call, undefined, {
      chain: shown,
      hint: 'a macro must come nearer to its end with every call of itself',
    })
  }

  const inside = <T>(form: Value, work: () => T): T => {
    if (depth >= limits.depth)
      throw active === undefined
        ? fail('read-limit', `forms are nested deeper than ${limits.depth}`, form)
        : endless(`an expansion nests deeper than ${limits.depth} forms`, active.name, form)
    depth++
    enclosing.push(form)
    const result = work()
    enclosing.pop()
    depth--
    return result
  }

  const within = <T>(next: Active | undefined, work: () => T): T => {
    const before = active
    active = next
    const result = work()
    active = before
    return result
  }

  // Free names

  const meaningOf = (name: string, where: Home, parent: Value, index?: number): Meaning | undefined => {
    if (where === home) findings.looked.add(name)
    try {
      return where.lookup(name)
    } catch (error) {
      if (!(error instanceof SxError) || error.detail.place !== undefined) throw error
      throw fail(error.code, error.message, parent, index, error.detail)
    }
  }

  const resolveIn = (name: string, where: Home, parent: Value, index?: number): Resolved | undefined => {
    if (where === home && what.names?.has(name)) return { kind: 'own' }
    // No definition or export can be named like a tag, so the home need not be asked.
    if (tags.has(name)) return { kind: 'tag' }
    const meaning = meaningOf(name, where, parent, index)
    if (meaning?.kind === 'macro') return meaning
    if (meaning?.kind === 'definition') return { kind: 'reference', reference: new Ref(meaning.name) }
    if (meaning?.kind === 'export')
      return { kind: 'reference', reference: new Ref(meaning.name, meaning.library) }
    if (meaning?.kind === 'link') return { kind: 'reference', reference: meaning.link }
    return primitives.has(name) ? { kind: 'primitive' } : hostIo.has(name) ? { kind: 'io' } : undefined
  }

  /** A symbol that no binder encloses means what it means where it was written (format §2, rule 2). */
  const resolve = (symbol: Sym, parent: Value, index?: number): Resolved | undefined => {
    const where = adopter.homeOf(symbol.mark)
    let known = resolved.get(where)
    if (known === undefined) resolved.set(where, (known = new Map()))
    if (known.has(symbol.name)) return known.get(symbol.name)
    const meaning = resolveIn(symbol.name, where, parent, index)
    known.set(symbol.name, meaning)
    return meaning
  }

  /** A word in plain text: binders of the same spelling that stand around it must be written otherwise. */
  const plainWord = (symbol: Sym, isOwn: boolean, scope: Scope, parent: Value, index?: number): Sym => {
    if (symbol.mark !== 0) {
      for (const binder of scope.plain(symbol.name)) {
        if (binder.fixed !== undefined)
          throw fail(
            'syntax-form',
            `a macro means the primitive or tag \`${symbol.name}\`, which is hidden here: it is ${binder.fixed}`,
            parent,
            index,
            {
              hint: 'give that parameter another name',
            },
          )
        binder.hides = true
      }
      if (!isOwn && what.names?.has(symbol.name))
        throw fail(
          'syntax-form',
          `a macro means the primitive or tag \`${symbol.name}\`, which this library defines itself`,
          parent,
          index,
        )
    }
    return sym(symbol.name)
  }

  const readable = (symbol: Sym) => what.stored === true || !symbol.name.includes('#')

  const symbolForm = (
    symbol: Sym,
    scope: Scope,
    parent: Value,
    index: number | undefined,
    isHead: boolean,
  ): Draft => {
    const { name } = symbol
    const binder = scope.find(symbol)
    if (binder !== undefined) {
      if (isHead) binder.called = true
      return new Local(binder, false)
    }
    if (forms.has(name))
      throw fail('syntax-form', `\`${name}\` is a form, not a value`, parent, index, {
        hint: `wrap it: (fn (x) (${name} … x))`,
      })
    if (auxiliary.has(name))
      throw fail('syntax-form', `\`${name}\` means nothing here`, parent, index, {
        ...(name.includes('unquote') && { hint: 'it stands only inside a quasiquote' }),
      })
    if (!readable(symbol))
      throw fail('syntax-reserved', `\`${name}\` is a name that only expansion makes`, parent, index, {
        hint: 'write a name without `#`',
      })
    const meaning = resolve(symbol, parent, index)
    switch (meaning?.kind) {
      case undefined:
        throw unknown(symbol, scope, parent, index)
      case 'reference':
        return meaning.reference
      case 'macro':
        throw fail('syntax-form', `\`${name}\` is a macro, not a value`, parent, index, {
          hint: `wrap it: (fn (x) (${name} x))`,
        })
      case 'tag':
        if (!isHead)
          throw fail('unknown-name', `\`${name}\` is a tag, not a value`, parent, index, {
            name,
            near: [],
            hint: `write (${name} …)`,
          })
        return plainWord(symbol, false, scope, parent, index)
      case 'io':
        findings.hostIo.add(name)
        return plainWord(symbol, false, scope, parent, index)
      default:
        return plainWord(symbol, meaning.kind === 'own', scope, parent, index)
    }
  }

  const unknown = (symbol: Sym, scope: Scope, parent: Value, index?: number): SxError => {
    const { name } = symbol
    const words = [...scope.names(), ...(what.names ?? []), ...forms, ...primitives, ...tags]
    const near = [...new Set([...nearest(name, words), ...adopter.homeOf(symbol.mark).near(name)])].slice(
      0,
      5,
    )
    return fail('unknown-name', `\`${name}\` is not defined`, parent, index, {
      name,
      near,
      ...(near.length > 0 && { hint: `did you mean ${near.map(one => `\`${one}\``).join(' or ')}?` }),
    })
  }

  // Macro calls

  const macroAt = (form: Value, scope: Scope): { head: Sym; macro: MacroDefinition } | undefined => {
    if (!isList(form)) return undefined
    const head = form[0]
    if (!(head instanceof Sym) || isReserved(head.name) || scope.find(head) !== undefined || !readable(head))
      return undefined
    const meaning = resolve(head, form, 0)
    return meaning?.kind === 'macro' ? { head, macro: meaning.macro } : undefined
  }

  const callMacro = (head: Sym, macro: MacroDefinition, call: List): Active => {
    const callable = prepare(macro)
    if (!adopter.spend(head.mark)) throw endless('this expansion needs itself without end', macro.name, call)
    findings.macros.add(macro.name)
    for (const name of callable.macros) findings.macros.add(name)
    if (macro.home === home) for (const name of callable.looked) findings.looked.add(name)
    for (const [key, ref] of callable.ran) findings.ran.set(key, ref)
    const wrap = (error: unknown): SxError => {
      const { code, message, detail } =
        error instanceof SxError ? error : new SxError('macro-failed', String(error))
      const inner = detail.place
      return fail(
        code === 'eval-limit' ? 'macro-limit' : 'macro-failed',
        `the macro \`${macro.name}\` failed: ${message}`,
        call,
        undefined,
        {
          call: excerpt(call),
          ...(inner && { related: [{ note: 'it failed here', place: inner }] }),
          ...(typeof detail.hint === 'string' && { hint: detail.hint }),
          reason: code,
        },
      )
    }
    let result: Value
    try {
      result = ports.callMacro(callable.code, call.slice(1))
    } catch (error) {
      const failure = wrap(error)
      throw new SxError(failure.code, failure.message, failure.detail, error)
    }
    const refuse = (message: string) =>
      fail('macro-failed', `the macro \`${macro.name}\` gave ${message}`, call, undefined, {
        call: excerpt(call),
      })
    const adopted = adopter.adopt(result, callable, head.mark, call, refuse, () =>
      endless(`an expansion is larger than ${limits.forms} forms`, macro.name, call),
    )
    return { name: macro.name, call, result: adopted, outer: active }
  }

  const unfold = (placed: Placed, scope: Scope, used?: (name: Sym) => void): Placed => {
    let now = placed
    for (;;) {
      const found = macroAt(now.form, scope)
      if (found === undefined) return now
      const next = within(now.active, () => callMacro(found.head, found.macro, now.form as List))
      used?.(found.head)
      now = { form: next.result, parent: next.result, index: 0, active: next }
    }
  }

  // Forms

  const call = (form: List, scope: Scope): Draft => {
    const head = form[0]
    const first =
      head instanceof Sym
        ? symbolForm(head, scope, form, 0, true)
        : expander.expression(head!, scope, form, 0)
    return [first, ...expander.expressions(form, 1, scope)]
  }

  const special = (form: List, name: string, scope: Scope): Draft => {
    // Every name in `forms` has a row.
    const row = rowOf(name)!
    const operands = form.length - 1
    if (operands < row.min || operands > row.max) {
      const expected =
        row.min === row.max ? `${row.min}` : operands < row.min ? `at least ${row.min}` : `at most ${row.max}`
      if (row.reading !== 'define' && row.reading !== 'definition')
        throw expander.malformed(
          form,
          `${expected} operand${expected.endsWith(' 1') || expected === '1' ? '' : 's'} expected, ${operands} found`,
        )
    }
    return walks[row.reading](expander, form, scope)
  }

  const expander: Expander = {
    macroCode: what.macroCode === true,
    readable,
    fail,
    inside,
    within,
    unfold,
    active: () => active,
    expression(form, scope, parent = null, index) {
      if (form instanceof Sym) return symbolForm(form, scope, parent, index, false)
      if (isDict(form))
        return inside(form, () => {
          const dict = new Map<string, Draft>()
          let i = 0
          for (const [key, value] of form) dict.set(key, expander.expression(value, scope, form, i++))
          return dict
        })
      if (!isList(form) || form.length === 0) return form
      const placed = unfold({ form, parent, index: index ?? 0, active }, scope)
      const list = placed.form
      if (list === form)
        return inside(form, () => {
          const head = form[0]
          return head instanceof Sym && forms.has(head.name)
            ? special(form, head.name, scope)
            : call(form, scope)
        })
      return within(placed.active, () =>
        // The result of a macro is none that is a call of one, so this goes no further than one level down.
        expander.expression(list, scope, placed.active!.call),
      )
    },
    expressions: (form, from, scope) => {
      const drafts: Draft[] = []
      for (let i = from; i < form.length; i++) drafts.push(expander.expression(form[i]!, scope, form, i))
      return drafts
    },
    body: (form, from, scope) => expandBody(expander, form, from, scope),
    lambda(form, paramsAt, paramsFrom, bodyFrom, scope) {
      const list = form[paramsAt]
      if (!isList(list)) throw expander.malformed(form, 'a list of parameters is missing', paramsAt)
      const inner = new Scope(scope)
      const params = inside(list, () => expandParams(expander, list, paramsFrom, inner, parameter(list)))
      return [params, ...expandBody(expander, form, bodyFrom, inner)]
    },
    bind(name, scope, parent, index, again = false) {
      if (!(name instanceof Sym))
        throw fail('syntax-form', 'a name is expected here', parent, name === undefined ? undefined : index)
      if (isReserved(name.name))
        throw fail(
          'syntax-reserved',
          `\`${name.name}\` is a word of the language and can't be bound`,
          parent,
          index,
          {
            hint: `use another name, such as \`${name.name === '_' ? '_x' : `the-${name.name.replace(/^\W+|\W+$/g, '') || 'value'}`}\``,
          },
        )
      if (!readable(name))
        throw fail('syntax-reserved', `\`${name.name}\` is a name that only expansion makes`, parent, index, {
          hint: 'write a name without `#`',
        })
      if (!again && scope.own(name) !== undefined)
        throw fail('syntax-form', `\`${name.name}\` is bound twice here`, parent, index)
      const binder: Binder = { name: name.name, mark: name.mark, hides: false, k: 0, called: false }
      scope.add(binder)
      return new Local(binder, true)
    },
    malformed(form, whatIsWrong, index) {
      const name = (form[0] as Sym).name
      const usage = rowOf(name)?.usage
      return fail('syntax-form', `${name}: ${whatIsWrong}`, form, index, {
        ...(usage && { hint: `it is written ${usage}` }),
      })
    },
    warn(code, message, parent, index, hint) {
      const place = bestPlace(parent, index)
      findings.warnings.push({ code, message, detail: { ...(place && { place }), hint } })
    },
    freeWord(name, scope) {
      if (scope.find(name) !== undefined || isReserved(name.name) || !readable(name)) return undefined
      const meaning = resolve(name, null)
      return meaning?.kind === 'primitive' || meaning?.kind === 'tag' || meaning?.kind === 'io'
        ? meaning.kind
        : undefined
    },
  }

  const parameter = (list: List) => (binder: Binder, index: number) => {
    if (tags.has(binder.name) && binder.mark === 0) parameters.push({ binder, place: bestPlace(list, index) })
  }

  const warnOfParameters = () => {
    for (const { binder, place } of parameters)
      findings.warnings.push({
        code: 'tag-parameter',
        message: `the parameter \`${binder.name}\` is named like a tag`,
        detail: {
          ...(place && { place }),
          called: binder.called,
          hint: `(${binder.name} …) is the tag while rendering, whatever the parameter holds`,
        },
      })
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
  const params =
    what.params === undefined
      ? []
      : inside(what.params, () => expandParams(expander, what.params!, 0, scope, parameter(what.params!)))
  const body = inside(what.body, () =>
    what.kind === 'library' && what.names !== undefined
      ? expandLibrary(expander, what.body, what.names, scope)
      : what.kind === 'value' || what.kind === 'page'
        ? expander.expressions(what.body, 0, scope)
        : expandBody(expander, what.body, 0, scope),
  )
  warnOfParameters()
  const templateHomes = new Map([[templateMark(0), home]])
  for (const mark of adopter.marks()) templateHomes.set(templateMark(mark), adopter.homeOf(mark))
  return { params, body, findings, expanded: adopter.marks().length > 0, templateHomes }
}
