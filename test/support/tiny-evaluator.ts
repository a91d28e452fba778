// Just enough of an evaluator to run the macros of the expansion tests, independent of the real one.
import { isDict, isList, Keyword, type List, Ref, Sym, type Value } from '../../src/lang/values.ts'

type Fn = (args: readonly Result[]) => Result
type Result = Value | Fn
type Env = { readonly names: Map<string, Result>; readonly outer: Env | undefined }

const equal = (a: Result, b: Result): boolean =>
  a === b ||
  (a instanceof Sym && b instanceof Sym && a.name === b.name) ||
  (a instanceof Keyword && b instanceof Keyword && a.name === b.name) ||
  (isList(a) && isList(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]!)))

const list = (value: Result): List => (isList(value) ? value : [])
const truthy = (value: Result) => value !== null && value !== false

const primitives: Record<string, Fn> = {
  list: args => args as List,
  cons: ([a, b]) => [a as Value, ...list(b!)],
  concat: args => args.flatMap(list),
  append: args => args.flatMap(list),
  first: ([a]) => list(a!)[0] ?? null,
  rest: ([a]) => list(a!).slice(1),
  nth: ([a, i]) => list(a!)[i as number] ?? null,
  last: ([a]) => list(a!).at(-1) ?? null,
  len: ([a]) => list(a!).length,
  'empty?': ([a]) => list(a!).length === 0,
  'list?': ([a]) => isList(a),
  'number?': ([a]) => typeof a === 'number',
  '=': ([a, b]) => equal(a!, b!),
  not: ([a]) => !truthy(a!),
  '+': args => (args as number[]).reduce((a, b) => a + b, 0),
  '-': ([a, b]) => (a as number) - (b as number),
  '<': ([a, b]) => (a as number) < (b as number),
  str: args => args.map(arg => (arg instanceof Sym ? arg.name : String(arg))).join(''),
  'symbol-name': ([a]) => (a as Sym).name,
  error: ([a]) => {
    throw new Error(String(a))
  },
}

export interface TinyEvaluator {
  callMacro(macro: { name: string; params: List; body: List }, args: List): Value
}

/** `find` gives a site function's expanded `fn` form. */
export const createTinyEvaluator = (
  find: (ref: Ref) => Value | undefined,
  steps = 100_000,
): TinyEvaluator => {
  let left = steps
  const look = (name: string, env: Env | undefined): Result => {
    for (let one = env; one !== undefined; one = one.outer)
      if (one.names.has(name)) return one.names.get(name)!
    const primitive = primitives[name]
    if (primitive === undefined) throw new Error(`unbound ${name}`)
    return primitive
  }
  const call = (fn: Result, args: readonly Result[]): Result => {
    if (typeof fn !== 'function') throw new Error('not a function')
    return fn(args)
  }
  const template = (form: Value, level: number, env: Env): Value => {
    if (isDict(form)) return new Map([...form].map(([key, value]) => [key, template(value, level, env)]))
    if (!isList(form)) return form
    const head = form[0] instanceof Sym ? form[0].name : ''
    if (head === 'unquote')
      return level === 1 ? (evaluate(form[1]!, env) as Value) : [form[0]!, template(form[1]!, level - 1, env)]
    if (head === 'quasiquote') return [form[0]!, template(form[1]!, level + 1, env)]
    if (head === 'splice-unquote') return [form[0]!, template(form[1]!, level - 1, env)]
    return form.flatMap(item =>
      level === 1 && isList(item) && item[0] instanceof Sym && item[0].name === 'splice-unquote'
        ? list(evaluate(item[1]!, env))
        : [template(item, level, env)],
    )
  }
  const bind = (params: List, args: readonly Result[], outer: Env | undefined): Env => {
    const names = new Map<string, Result>()
    const rest = params.findIndex(param => param instanceof Sym && param.name === '&rest')
    params.forEach((param, i) => {
      if (!(param instanceof Sym) || param.name === '&rest') return
      names.set(param.name, rest !== -1 && i > rest ? (args.slice(rest) as List) : (args[i] ?? null))
    })
    return { names, outer }
  }
  const body = (forms: List, env: Env): Result => forms.reduce<Result>((_, form) => evaluate(form, env), null)
  const evaluate = (form: Value, env: Env): Result => {
    if (--left < 0) throw new Error('too many steps')
    if (form instanceof Sym) return look(form.name, env)
    if (form instanceof Keyword) return form.name
    if (form instanceof Ref) {
      const found = find(form)
      if (found === undefined) throw new Error(`no definition ${form.name}`)
      return evaluate(found, { names: new Map(), outer: undefined })
    }
    if (!isList(form) || form.length === 0) return form
    const [head, ...rest] = form
    const word = head instanceof Sym ? head.name : ''
    switch (word) {
      case 'quote':
        return rest[0]!
      case 'quasiquote':
        return template(rest[0]!, 1, env)
      case 'if':
        return truthy(evaluate(rest[0]!, env))
          ? evaluate(rest[1]!, env)
          : rest.length > 2
            ? evaluate(rest[2]!, env)
            : null
      case 'begin':
        return body(rest, env)
      case 'fn':
        return args => body(rest.slice(1), bind(rest[0] as List, args, env))
      case 'let':
      case 'let*': {
        let inner = env
        for (const pair of rest[0] as List[]) {
          const value = evaluate(pair[1]!, word === 'let' ? env : inner)
          inner = { names: new Map([[(pair[0] as Sym).name, value]]), outer: inner }
        }
        return body(rest.slice(1), inner)
      }
      case 'map': {
        const fn = evaluate(rest[0]!, env)
        return list(evaluate(rest[1]!, env)).map(item => call(fn, [item]) as Value)
      }
      case 'reduce': {
        const fn = evaluate(rest[0]!, env)
        return list(evaluate(rest[2]!, env)).reduce<Result>(
          (sum, item) => call(fn, [sum, item]),
          evaluate(rest[1]!, env),
        )
      }
      default:
        return call(
          evaluate(head!, env),
          rest.map(arg => evaluate(arg, env)),
        )
    }
  }
  return {
    callMacro(macro, args) {
      left = steps
      return body(macro.body, bind(macro.params, args, undefined)) as Value
    },
  }
}
