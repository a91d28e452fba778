// The core's special forms. What can be said by another form is rewritten; the rest is compiled for values and for
// markup by the same code.
import { bindingsAreFlat, condIsClauses, isElse } from '../lang/shape.ts'
import { isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import { type Code, code, constant, type Env, levelOf, type Scope } from './code.ts'
import { type Compiler, child, closure, isForm, quoted } from './compile.ts'
import type { Form, FormRow } from './form.ts'
import { bind, bindAll, type Machine, sequence } from './machine.ts'
import { fail, truthy } from './values.ts'
import { watched, watchedAll } from './watched.ts'

/** A form that is another one. */
export const rewrite =
  (to: (operands: List) => Value): Form =>
  (operands, scope, c, asMarkup) =>
    c.compile(to(operands), scope, asMarkup)

export const begin = (body: List): Value => [sym('begin'), ...body]

/** A value that is called `label` in messages if it is a function. */
const labelled = (form: Value | undefined, scope: Scope, c: Compiler, label: string): Code =>
  isForm(form, 'fn', 'lambda') && form.length > 1
    ? closure(c.lambda(form[1]!, form.slice(2), scope, label))
    : c.value(form ?? null, scope)

const pairsIn = (flat: List): List[] =>
  flat.flatMap((item, i) => (i % 2 ? [] : [[item, flat[i + 1] ?? null]]))

/** `((name value) …)`, however they were written. */
export const pairsOf = (bindings: Value | undefined): List[] => {
  const pairs =
    isList(bindings) && bindingsAreFlat(bindings) ? pairsIn(bindings) : ((bindings ?? null) as List[])
  if (!isList(pairs) || !pairs.every(pair => isList(pair) && pair[0] instanceof Sym)) fail('let takes pairs')
  return pairs
}

export const letForm: Form = ([first, ...rest], scope, c, asMarkup) => {
  const pairs = pairsOf(first)
  const names = pairs.map(pair => (pair[0] as Sym).name)
  const inits = pairs.map((pair, i) => labelled(pair[1], scope, c, names[i]!))
  const body = c.body(rest, child(names, scope), asMarkup)
  const [init] = inits
  return inits.length === 1
    ? (asMarkup ? watched : bind)(init!, (v, env, m, d) => body([env, v], m, d), body.level!)
    : (asMarkup ? watchedAll : bindAll)(inits, (vs, env, m, d) => body([env, ...vs], m, d), body.level!)
}

const ifForm: Form = ([test, ...arms], scope, c, asMarkup) => {
  const [yes, no] = [0, 1].map(i => c.compile(arms[i] ?? null, scope, asMarkup)) as [Code, Code]
  const first = c.value(test ?? null, scope)
  const level = levelOf([yes, no])
  const choose = (v: unknown, env: Env, m: Machine, d: number): unknown =>
    v !== false && v !== null ? yes(env, m, d) : no(env, m, d)
  if (asMarkup) return watched(first, choose, level, (before, v) => truthy(before) === truthy(v))
  return first.level
    ? bind(first, choose, level)
    : (c.fast?.choose(first, yes, no) ?? code(level, (env, m, d) => choose(first(env, m, d), env, m, d)))
}

/** cond's clauses, `(test body…)` each. */
export const clausesOf = (operands: List): List[] =>
  condIsClauses(operands) ? (operands as List[]) : pairsIn(operands)

/** What clauses with `=>` are is an extension's to know. */
const condOf = (operands: List): Value =>
  clausesOf(operands).reduceRight<Value>(
    (rest, [test, ...body]) =>
      isElse(test)
        ? begin(body)
        : body.length === 0
          ? [sym('or'), test!, rest]
          : [sym('if'), test!, begin(body), rest],
    null,
  )

const both =
  (stops: (v: unknown) => boolean, empty: Value): Form =>
  (operands, scope, c) =>
    operands.length === 0
      ? constant(empty)
      : operands
          .map(form => c.value(form, scope))
          .reduceRight((rest, test) =>
            bind(test, (v, env, m, d) => (stops(v) ? v : rest(env, m, d)), rest.level!),
          )

const bodyForm: Form = (operands, scope, c, asMarkup) => c.body(operands, scope, asMarkup)

const fnForm: Form = ([params, ...body], scope, c) => closure(c.lambda(params ?? [], body, scope, 'fn'))

export const set = (name: Value | undefined, value: Code, scope: Scope, c: Compiler): Code => {
  const assign = c.assign(name, scope)
  return bind(value, (v, env) => {
    assign(env, v)
    return null
  })
}

/** For values and for markup. */
export const coreForms: readonly FormRow[] = [
  ['if', ifForm],
  ['when', rewrite(([test, ...body]) => [sym('if'), test!, begin(body)])],
  ['cond', rewrite(condOf)],
  ['let', letForm],
  ['begin', bodyForm],
  ['do', bodyForm],
]

export const coreMarkup: readonly FormRow[] = [
  ['<>', (operands, scope, c) => sequence(operands.map(form => c.render(form, scope)))],
]

/** As values. */
export const coreValues: readonly FormRow[] = [
  ['quote', ([form]) => quoted(form ?? null)],
  ['and', both(v => !truthy(v), true)],
  ['or', both(truthy, null)],
  ['fn', fnForm],
  ['lambda', fnForm],
  [
    'define',
    ([head, ...rest], scope, c) =>
      isList(head)
        ? set(head[0], closure(c.lambda(head.slice(1), rest, scope, (head[0] as Sym).name)), scope, c)
        : set(head, labelled(rest.at(-1), scope, c, (head as Sym).name), scope, c),
  ],
]
