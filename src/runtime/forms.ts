// The special forms that are left when choices, loops over lists and control have files of their own.
import { bindingsAreFlat } from '../lang/shape.ts'
import { isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import { choices } from './choice.ts'
import { type Code, code, constant, levelOf, type Scope } from './code.ts'
import { type Compiler, child, closure, quoted } from './compile.ts'
import { started } from './fold.ts'
import type { Form, FormRow } from './form.ts'
import { higherForms } from './higher.ts'
import { bind, bindAll } from './machine.ts'
import { fail, truthy } from './values.ts'

/** A value that is called `label` in messages if it is a function. */
const labelled = (form: Value | undefined, scope: Scope, c: Compiler, label: string): Code => {
  if (form === undefined) return constant(null)
  if (
    isList(form) &&
    form[0] instanceof Sym &&
    (form[0].name === 'fn' || form[0].name === 'lambda') &&
    form.length > 1
  )
    return closure(c.lambda(form[1]!, form.slice(2), scope, label))
  return c.value(form, scope)
}

const pairsOf = (bindings: Value | undefined): (readonly [string, Value | undefined])[] => {
  if (!isList(bindings)) return fail('let takes a list of bindings') as never
  const pairs: (readonly [string, Value | undefined])[] = []
  if (bindingsAreFlat(bindings))
    for (let i = 0; i < bindings.length; i += 2) pairs.push([(bindings[i] as Sym).name, bindings[i + 1]])
  else
    for (const pair of bindings) {
      if (!isList(pair) || !(pair[0] instanceof Sym)) fail('a binding of let is (name value)')
      pairs.push([((pair as List)[0] as Sym).name, (pair as List)[1]])
    }
  return pairs
}

const inNew = (names: readonly string[], inits: readonly Code[], body: Code, asMarkup: boolean): Code => {
  const level = levelOf([...inits, body])
  const only = inits[0]
  if (level === 0 || (!asMarkup && levelOf(inits) < 2))
    return inits.length === 1
      ? code(level, (env, m) => body([env, only!(env, m)], m))
      : code(level, (env, m) => {
          const e: unknown[] = [env]
          for (const init of inits) e.push(init(env, m))
          return body(e, m)
        })
  const go = asMarkup ? started(body) : body
  if (names.length === 1) return bind(only!, (v, env, m) => m.go(go, [env, v]))
  return bindAll(inits, (vs, env, m) => {
    vs.unshift(env)
    return m.go(go, vs)
  })
}

/** let and let*, as a value or as markup; named let as a value (its calls are calls: rendering doesn't look into them). */
export const letForm =
  (star: boolean, asMarkup: boolean): Form =>
  (operands, scope, c) => {
    const [first, ...rest] = operands
    if (first instanceof Sym) {
      const pairs = pairsOf(rest[0])
      const spec = c.lambda(
        pairs.map(([name]) => sym(name)),
        rest.slice(1),
        child([first.name], scope),
        first.name,
      )
      const make = closure(spec)
      const inits = pairs.map(([, form]) => c.value(form ?? null, scope))
      return bindAll(inits, (vs, env, m) => {
        const e: unknown[] = [env]
        e.push(make(e, m))
        vs.unshift(e)
        return m.go(spec.code, vs)
      })
    }
    const pairs = pairsOf(first)
    if (!star) {
      const names = pairs.map(([name]) => name)
      const inits = pairs.map(([name, form]) => labelled(form, scope, c, name))
      return inNew(names, inits, c.body(rest, child(names, scope), asMarkup), asMarkup)
    }
    const nest = (i: number, s: Scope): Code => {
      const pair = pairs[i]
      if (pair === undefined) return c.body(rest, s, asMarkup)
      return inNew([pair[0]], [labelled(pair[1], s, c, pair[0])], nest(i + 1, child([pair[0]], s)), asMarkup)
    }
    return nest(0, scope)
  }

export const letrecForm =
  (asMarkup: boolean): Form =>
  ([bindings, ...body], scope, c) =>
    c.body(
      [...pairsOf(bindings).map(([name, form]) => [sym('define'), sym(name), form ?? null]), ...body],
      scope,
      asMarkup,
    )

/** `(-> x (f a))` is `(f x a)`, `(->> x (f a))` is `(f a x)`. */
export const threaded = (name: string, [first, ...steps]: List): Value => {
  return steps.reduce<Value>((x, step) => {
    if (!isList(step)) return [step, x]
    return name === '->' ? [step[0]!, x, ...step.slice(1)] : [...step, x]
  }, first!)
}

const both =
  (stop: (v: unknown) => boolean, empty: Value): Form =>
  (operands, scope, c) => {
    if (operands.length === 0) return constant(empty)
    return operands
      .map(form => c.value(form, scope))
      .reduceRight((rest, test) =>
        test.level === 2
          ? bind(test, (v, env, m) => (stop(v) ? v : rest(env, m)))
          : code(levelOf([test, rest]), (env, m) => {
              const v = test(env, m)
              return stop(v) ? v : rest(env, m)
            }),
      )
  }

const fnForm: Form = ([params, ...body], scope, c) => closure(c.lambda(params ?? [], body, scope, 'fn'))

/** The core's forms as values. */
export const coreForms: readonly FormRow[] = [
  ...choices.map(([name, make]): FormRow => [name, make(false)]),
  ...higherForms,
  ['quote', ([form]) => quoted(form ?? null)],
  ['and', both(v => !truthy(v), true)],
  ['or', both(truthy, null)],
  ['let', letForm(false, false)],
  ['let*', letForm(true, false)],
  ['letrec', letrecForm(false)],
  ['begin', (operands, scope, c) => c.body(operands, scope)],
  ['do', (operands, scope, c) => c.body(operands, scope)],
  ['fn', fnForm],
  ['lambda', fnForm],
  [
    'define',
    ([head, ...rest], scope, c) => {
      const name = isList(head) ? head[0] : head
      if (!(name instanceof Sym)) return fail('define takes a name') as never
      const value = isList(head)
        ? closure(c.lambda(head.slice(1), rest, scope, name.name))
        : labelled(rest.at(-1), scope, c, name.name)
      const set = c.assign(name.name, scope)
      return bind(value, (v, env) => {
        set(env, v)
        return null
      })
    },
  ],
  [
    'set!',
    ([name, form], scope, c) => {
      if (!(name instanceof Sym)) return fail('set! takes a name') as never
      const set = c.assign(name.name, scope)
      return bind(c.value(form ?? null, scope), (v, env) => {
        set(env, v)
        return null
      })
    },
  ],
  ...['->', '->>'].map(
    (name): FormRow => [name, (operands, scope, c) => c.value(threaded(name, operands), scope)],
  ),
]
