// The special forms that are left when choices, loops over lists and control have files of their own.
import { bindingsAreFlat, doIsLoop } from '../lang/shape.ts'
import { isDict, isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import { choices } from './choice.ts'
import { type Code, code, constant, levelOf, type Scope } from './code.ts'
import { type Compiler, child, closure, quoted } from './compile.ts'
import { controlForms } from './control.ts'
import { started } from './fold.ts'
import type { Form } from './form.ts'
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

/** let, let* and named let, as a value or as markup. */
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
        return m.go(asMarkup ? started(spec.compile(true)) : spec.code, vs)
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

/** `(-> x (f a))` is `(f x a)`, `(->> x (f a))` is `(f a x)`, `(as-> x n (f n))` binds n at each step. */
export const threaded = (name: string, [first, ...steps]: List): Value => {
  if (name === 'as->')
    return steps
      .slice(1)
      .reduceRight<Value>(
        (inner, step, i, all) => [
          sym('let'),
          [[steps[0]!, i === 0 ? first! : all[i - 1]!]],
          i === all.length - 1 ? step : inner,
        ],
        null,
      )
  return steps.reduce<Value>((x, step) => {
    if (!isList(step)) return [step, x]
    return name === '->' ? [step[0]!, x, ...step.slice(1)] : [...step, x]
  }, first!)
}

const quasi = (form: Value, depth: number, scope: Scope, c: Compiler): Code | undefined => {
  if (isDict(form)) {
    const keys = [...form.keys()]
    const codes = keys.map(key => quasi(form.get(key)!, depth, scope, c))
    if (codes.every(x => x === undefined)) return undefined
    return bindAll(
      codes.map((x, i) => x ?? quoted(form.get(keys[i]!)!)),
      vs => new Map(vs.map((v, i) => [keys[i]!, v])),
      0,
    )
  }
  if (!isList(form)) return undefined
  const head = form[0] instanceof Sym ? form[0].name : ''
  if (head === 'unquote' && depth === 1) return c.value(form[1] ?? null, scope)
  const inner =
    head === 'quasiquote' ? depth + 1 : head === 'unquote' || head === 'splice-unquote' ? depth - 1 : depth
  const splices: boolean[] = []
  let changes = false
  const codes = form.map(item => {
    const splice = isList(item) && item[0] instanceof Sym && item[0].name === 'splice-unquote' && inner === 1
    splices.push(splice)
    const x = splice ? c.value((item as List)[1] ?? null, scope) : quasi(item, inner, scope, c)
    if (x) changes = true
    return x ?? quoted(item)
  })
  if (!changes) return undefined
  return bindAll(
    codes,
    vs =>
      vs.flatMap((v, i): unknown[] => {
        if (!splices[i]) return [v]
        if (v === null) return []
        return Array.isArray(v) ? v : (fail('what ,@ splices is a list') as never)
      }),
    0,
  )
}

/** `(do ((x init step)…) (test result…) body…)` as a named let. */
const doLoop = ([variables, end, ...body]: List): Value => {
  const loop = new Sym(' loop')
  const items = variables as List[]
  const [test, ...results] = end as List
  return [
    sym('let'),
    loop,
    items.map(([name, init]) => [name!, init!]),
    [
      sym('if'),
      test!,
      [sym('begin'), ...results],
      [sym('begin'), ...body, [loop, ...items.map(([name, , step]) => step ?? name!)]],
    ],
  ]
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

const unsupported =
  (name: string): Form =>
  () =>
    fail(`${name} stands at the top of a source file only`) as never

/** Every special form as a value. */
export const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...choices.map(([name, make]): [string, Form] => [name, make(false)]),
  ...higherForms,
  ...controlForms,
  ['quote', ([form]) => quoted(form ?? null)],
  ['quasiquote', ([form], scope, c) => quasi(form ?? null, 1, scope, c) ?? quoted(form ?? null)],
  ['and', both(v => !truthy(v), true)],
  ['or', both(truthy, null)],
  ['let', letForm(false, false)],
  ['let*', letForm(true, false)],
  ['letrec', letrecForm(false)],
  ['begin', (operands, scope, c) => c.body(operands, scope)],
  [
    'do',
    (operands, scope, c) => (doIsLoop(operands) ? c.value(doLoop(operands), scope) : c.body(operands, scope)),
  ],
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
  ...['->', '->>', 'as->'].map((name): [string, Form] => [
    name,
    (operands, scope, c) => c.value(threaded(name, operands), scope),
  ]),
  ...[
    'defcomp',
    'defisland',
    'defmacro',
    'defstyle',
    'deftype',
    'defeffect',
    'defpage',
    'defhandler',
    'defquery',
    'defaction',
    'define-library',
    'import',
  ].map((name): [string, Form] => [name, unsupported(name)]),
])
