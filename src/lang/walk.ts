// One function per way of reading a form's operands (syntax.ts): what is evaluated, what binds, what is literal.
import { expandBody, isSequenceForm, sequence } from './body.ts'
import type { Expander, Walk } from './expansion.ts'
import { type Draft, headOf, Scope } from './scope.ts'
import { scopeName } from './shape.ts'
import type { Reading } from './syntax.ts'
import { CALLER, literal, template } from './template.ts'
import { isList, Keyword, type List, Sym, sym } from './values.ts'
import { caseForm, clauses, match } from './walk-choice.ts'
import { letForm, letrec, letStar } from './walk-let.ts'

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
      return [name, ...clauses(x, head, 1, inner, form)]
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
