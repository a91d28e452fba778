// One function per way of reading a form's operands (syntax.ts): what is evaluated, what binds, what is literal.
import { SxError } from '../errors.ts'
import { expandBody, isSequenceForm, sequence } from './body.ts'
import type { Expander } from './expansion.ts'
import { type Draft, Scope } from './scope.ts'
import { bindingsAreFlat, caseIsClauses, condIsClauses, isElse, scopeName } from './shape.ts'
import type { Reading } from './syntax.ts'
import { CALLER, literal, template } from './template.ts'
import { isDict, isList, Keyword, type List, Sym, sym, type Value } from './values.ts'

type Walk = (x: Expander, form: List, scope: Scope) => Draft

const isWord = (value: unknown, name: string) => value instanceof Sym && value.name === name
const headOf = (form: List): Sym => sym((form[0] as Sym).name)

/** `else` and `:else` as they stand in the source, without a mark. */
const elseWord = (test: Value): Draft => (test instanceof Sym ? sym(test.name) : test)

/** Clauses and pairs of cond and guard, from operand `from` on. */
const clauses = (x: Expander, form: List, from: number, scope: Scope): Draft[] => {
  const operands = form.slice(from)
  return condIsClauses(operands) ? scheme(x, form, from, scope) : flat(x, form, from, scope)
}

const flat = (x: Expander, form: List, from: number, scope: Scope): Draft[] => {
  if ((form.length - from) % 2 !== 0) throw x.malformed(form, 'a test without an expression', form.length - 1)
  const drafts: Draft[] = []
  for (let i = from; i < form.length; i += 2) {
    const test = form[i]!
    if (isElse(test) && i + 2 < form.length) throw x.malformed(form, 'else comes last', i)
    drafts.push(
      isElse(test) ? elseWord(test) : x.expression(test, scope, form, i),
      x.expression(form[i + 1]!, scope, form, i + 1),
    )
  }
  return drafts
}

const scheme = (x: Expander, form: List, from: number, scope: Scope): Draft[] =>
  form.slice(from).map((clause, i) => {
    // condIsClauses has seen that every clause is a list with a first element.
    const list = clause as List
    const test = list[0]!
    return x.inside(list, () => {
      if (isElse(test)) {
        if (from + i + 1 < form.length) throw x.malformed(form, 'else comes last', from + i)
        return [elseWord(test), ...x.expressions(list, 1, scope)]
      }
      if (test instanceof Sym && x.freeWord(test, scope) === 'primitive')
        throw x.malformed(
          form,
          `as every operand is a list they are read as clauses, and the test \`${test.name}\` would always hold; end with \`:else\` to write pairs`,
          from + i,
        )
      if (!isWord(list[1], '=>')) return x.expressions(list, 0, scope)
      if (list.length !== 3) throw x.malformed(form, 'one receiver stands after =>', from + i)
      return [x.expression(test, scope, list, 0), sym('=>'), x.expression(list[2]!, scope, list, 2)]
    })
  })

/** A value of case: an atom, or `(quote d)`. */
const datum = (
  x: Expander,
  value: Value,
  scope: Scope,
  parent: List,
  index: number,
  nested = false,
): Draft => {
  if (value instanceof Sym) {
    if (scope.find(value) !== undefined)
      x.warn(
        'literal-name',
        `the values of case are literal: this is the symbol \`${value.name}\`, not the variable`,
        parent,
        index,
        'use cond to compare with a variable',
      )
    return literal(x, value, parent, index)
  }
  const isQuote = isList(value) && value.length === 2 && isWord(value[0], 'quote')
  if ((isList(value) || isDict(value)) && !isQuote && !nested)
    throw x.fail('syntax-form', 'the values of case are literal', parent, index, {
      hint: 'use cond to compare with what an expression gives, or a clause ((a b) expr…) for several values',
    })
  return literal(x, value, parent, index)
}

const caseForm: Walk = (x, form, scope) => {
  const drafts: Draft[] = [headOf(form), x.expression(form[1]!, scope, form, 1)]
  if (caseIsClauses(form.slice(2))) {
    for (let i = 2; i < form.length; i++) {
      const clause = form[i] as List
      const data = clause[0]!
      drafts.push(
        x.inside(clause, () => {
          if (isElse(data) && i + 1 < form.length) throw x.malformed(form, 'else comes last', i)
          return [
            isList(data) ? data.map((one, j) => datum(x, one, scope, data, j, true)) : elseWord(data),
            ...x.expressions(clause, 1, scope),
          ]
        }),
      )
    }
    return drafts
  }
  if (form.length % 2 !== 0) throw x.malformed(form, 'a value without an expression', form.length - 1)
  for (let i = 2; i < form.length; i += 2) {
    const one = form[i]!
    if (isElse(one) && i + 2 < form.length) throw x.malformed(form, 'else comes last', i)
    drafts.push(
      isElse(one) ? elseWord(one) : datum(x, one, scope, form, i),
      x.expression(form[i + 1]!, scope, form, i + 1),
    )
  }
  return drafts
}

/** Binds the pattern's names in `scope`. */
const pattern = (x: Expander, value: Value, scope: Scope, parent: Value, index: number): Draft => {
  if (value instanceof Sym) return value.name === '_' ? sym('_') : x.bind(value, scope, parent, index)
  if (isDict(value))
    return x.inside(value, () => {
      const dict = new Map<string, Draft>()
      let i = 0
      for (const [key, item] of value) dict.set(key, pattern(x, item, scope, value, i++))
      return dict
    })
  if (!isList(value)) return literal(x, value, parent, index)
  if (value.length === 2 && isWord(value[0], 'quote'))
    return x.inside(value, () => [sym('quote'), literal(x, value[1]!, value, 1)])
  const rest = value.findIndex(item => isWord(item, '&rest'))
  if (rest !== -1 && (rest !== value.length - 2 || !(value[rest + 1] instanceof Sym)))
    throw x.fail('syntax-form', 'in a pattern one name stands after &rest, at the end', value, rest)
  return x.inside(value, () =>
    value.map((item, i) => (i === rest ? sym('&rest') : pattern(x, item, scope, value, i))),
  )
}

const match: Walk = (x, form, scope) => [
  headOf(form),
  x.expression(form[1]!, scope, form, 1),
  ...form.slice(2).map((clause, i) => {
    if (!isList(clause) || clause.length === 0) throw x.malformed(form, 'a clause is (pattern body…)', i + 2)
    return x.inside(clause, () => {
      const inner = new Scope(scope)
      // `:else` would read as the string.
      const first = isElse(clause[0]) ? sym('else') : pattern(x, clause[0]!, inner, clause, 0)
      return [first, ...expandBody(x, clause, 1, inner)]
    })
  }),
]

interface Binding {
  readonly name: Value
  readonly init: Value
  /** the list in which both stand, and where */
  readonly list: List
  readonly at: number
}

const bindingsOf = (
  x: Expander,
  form: List,
  at: number,
): { flat: boolean; list: List; bindings: Binding[] } => {
  const list = form[at]
  if (!isList(list))
    throw x.malformed(form, 'a list of bindings is missing', at < form.length ? at : undefined)
  const flat = bindingsAreFlat(list)
  const bindings: Binding[] = []
  if (flat) {
    for (let i = 0; i < list.length; i += 2) {
      if (!(list[i] instanceof Sym))
        throw x.fail('syntax-form', 'a name is expected here', list, i, {
          hint: 'flat bindings are name expr name expr …',
        })
      if (i + 1 === list.length) throw x.fail('syntax-form', 'a name without a value', list, i)
      bindings.push({ name: list[i]!, init: list[i + 1]!, list, at: i })
    }
  } else
    list.forEach((pair, i) => {
      if (!isList(pair) || pair.length !== 2) throw x.fail('syntax-form', 'a binding is (name expr)', list, i)
      bindings.push({ name: pair[0]!, init: pair[1]!, list: pair, at: 0 })
    })
  return { flat, list, bindings }
}

/** The bindings as they were written, flat or in pairs. */
const rebuilt = (isFlat: boolean, pairs: readonly (readonly [Draft, Draft])[]): Draft =>
  isFlat ? pairs.flat() : pairs

const mentions = (value: Value, name: Sym): boolean =>
  value instanceof Sym
    ? value.name === name.name && value.mark === name.mark
    : isList(value)
      ? value.some(item => mentions(item, name))
      : isDict(value) && [...value.values()].some(item => mentions(item, name))

/** `let` binds in parallel in both spellings; who comes from Clojure and thinks otherwise hears of it. */
const warnParallel = (x: Expander, bindings: readonly Binding[]) => {
  bindings.forEach((binding, i) => {
    const earlier = bindings
      .slice(0, i)
      .find(one => one.name instanceof Sym && mentions(binding.init, one.name))
    if (earlier !== undefined)
      x.warn(
        'parallel-let',
        `let binds all its names at once: \`${(earlier.name as Sym).name}\` in this value is not the one beside it`,
        binding.list,
        binding.at + 1,
        'use let* to use one binding in the next',
      )
  })
}

/** An unknown name that the same `let` binds: says so. */
const parallelInit = <T>(earlier: readonly Binding[], work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SxError) || error.code !== 'unknown-name') throw error
    const { name } = error.detail
    if (!earlier.some(one => one.name instanceof Sym && one.name.name === name)) throw error
    const hint = `let binds all its names at once: use let* so that \`${name}\` is the one beside it`
    throw new SxError(error.code, error.message, { ...error.detail, hint }, error)
  }
}

const letForm: Walk = (x, form, scope) => {
  const named = form[1] instanceof Sym
  const at = named ? 2 : 1
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, at)
  if (isFlat) warnParallel(x, bindings)
  const outer = named ? new Scope(scope) : scope
  const name = named ? [x.bind(form[1], outer, form, 1)] : []
  const inner = new Scope(outer)
  const drafts = x.inside(list, () => {
    const inits = bindings.map((one, i) =>
      parallelInit(bindings.slice(0, i), () => x.expression(one.init, scope, one.list, one.at + 1)),
    )
    return bindings.map((one, i) => [x.bind(one.name, inner, one.list, one.at), inits[i]!] as const)
  })
  return [headOf(form), ...name, rebuilt(isFlat, drafts), ...expandBody(x, form, at + 1, inner)]
}

const letStar: Walk = (x, form, scope) => {
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, 1)
  let inner = scope
  const drafts = x.inside(list, () =>
    bindings.map(one => {
      const init = x.expression(one.init, inner, one.list, one.at + 1)
      inner = new Scope(inner)
      return [x.bind(one.name, inner, one.list, one.at), init] as const
    }),
  )
  return [headOf(form), rebuilt(isFlat, drafts), ...expandBody(x, form, 2, inner)]
}

const letrec: Walk = (x, form, scope) => {
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, 1)
  const inner = new Scope(scope)
  const names = bindings.map(one => x.bind(one.name, inner, one.list, one.at))
  const drafts = x.inside(list, () =>
    bindings.map((one, i) => [names[i]!, x.expression(one.init, inner, one.list, one.at + 1)] as const),
  )
  return [headOf(form), rebuilt(isFlat, drafts), ...expandBody(x, form, 2, inner)]
}

const doForm: Walk = (x, form, scope) => {
  if (isSequenceForm(form)) return sequence('do', x.expressions(form, 1, scope))
  // doIsLoop has seen the shape of both lists.
  const variables = form[1] as readonly List[]
  const end = form[2] as List
  const inner = new Scope(scope)
  const inits = variables.map(one => x.inside(one, () => x.expression(one[1]!, scope, one, 1)))
  const names = variables.map(one => x.bind(one[0], inner, one, 0))
  const steps = variables.map((one, i) =>
    x.inside(one, () => [names[i]!, inits[i]!, ...x.expressions(one, 2, inner)]),
  )
  return [
    sym('do'),
    steps,
    x.inside(end, () => x.expressions(end, 0, inner)),
    ...x.expressions(form, 3, inner),
  ]
}

/** The literal name of a dynamic scope, as written. */
const dynamicName = (x: Expander, form: List): Draft => {
  const name = form[1]!
  if (scopeName(name) === undefined)
    throw x.malformed(form, 'the name is literal: a symbol, a string or a keyword', 1)
  return literal(x, name, form, 1)
}

const scopeForm: Walk = (x, form, scope) => {
  const isValue = (one: unknown) => one instanceof Keyword && one.name === 'value'
  const head = [headOf(form), dynamicName(x, form)]
  if (isValue(form[2])) {
    if (form.length < 4) throw x.malformed(form, 'a value is missing after :value', 2)
    return [...head, form[2]!, x.expression(form[3]!, scope, form, 3), ...expandBody(x, form, 4, scope)]
  }
  const body = expandBody(x, form, 2, scope)
  // A macro may give a body that begins with this keyword: it must not read as the option.
  return [...head, ...(isValue(body[0]) ? [[sym('begin'), body[0]!], ...body.slice(1)] : body)]
}

const binding = (x: Expander, form: List, scope: Scope): Draft => {
  const name = form[1]
  if (!(name instanceof Sym)) throw x.malformed(form, 'a name is missing', 1)
  const binder = scope.find(name)
  if (binder !== undefined) return x.expression(name, scope, form, 1)
  const word = x.freeWord(name, scope)
  // Evaluating it says unknown-name for what means nothing at all.
  if (word === undefined) x.expression(name, scope, form, 1)
  throw x.fail('syntax-form', `set! of \`${name.name}\`, which is not a local variable`, form, 1, {
    hint: 'definitions never change: state belongs in a signal, inside an island or in (use-store name init)',
  })
}

/** Rows of the table → how they are read. Every function gets a form whose number of operands is right. */
export const walks: Record<Exclude<Reading, 'rewrite'>, Walk> = {
  expressions: (x, form, scope) => [headOf(form), ...x.expressions(form, 1, scope)],
  quote: (x, form) => [headOf(form), literal(x, form[1]!, form, 1, x.macroCode ? CALLER : 0)],
  quasiquote: (x, form, scope) => [headOf(form), template(x, form[1]!, 1, scope, form, 1)],
  cond: (x, form, scope) => [headOf(form), ...clauses(x, form, 1, scope)],
  case: caseForm,
  match,
  let: letForm,
  'let*': letStar,
  letrec,
  do: doForm,
  fn: (x, form, scope) => [headOf(form), ...x.lambda(form, 1, 0, 2, scope)],
  define: (x, form) => {
    throw x.fail('syntax-form', 'define stands only in a body', form, undefined, {
      hint: 'bodies are those of functions, components, let, scope, provide, reset, shift, guard and of match clauses; wrap it in (let () …)',
    })
  },
  'set!': (x, form, scope) => [headOf(form), binding(x, form, scope), x.expression(form[2]!, scope, form, 2)],
  scope: scopeForm,
  provide: (x, form, scope) => [
    headOf(form),
    dynamicName(x, form),
    x.expression(form[2]!, scope, form, 2),
    ...expandBody(x, form, 3, scope),
  ],
  named: (x, form, scope) => [headOf(form), dynamicName(x, form), ...x.expressions(form, 2, scope)],
  shift: (x, form, scope) => {
    const inner = new Scope(scope)
    return [headOf(form), x.bind(form[1], inner, form, 1), ...expandBody(x, form, 2, inner)]
  },
  reset: (x, form, scope) => [headOf(form), ...expandBody(x, form, 1, scope)],
  guard: (x, form, scope) => {
    const head = form[1]
    if (!isList(head) || head.length === 0) throw x.malformed(form, '(name clause…) is missing', 1)
    const inner = new Scope(scope)
    const caught = x.inside(head, () => {
      const name = x.bind(head[0], inner, head, 0)
      return [name, ...clauses(x, head, 1, inner)]
    })
    return [headOf(form), caught, ...expandBody(x, form, 2, scope)]
  },
  definition: (x, form) => {
    throw x.fail(
      'syntax-form',
      `${(form[0] as Sym).name} stands at the top level of a source file only`,
      form,
    )
  },
}
