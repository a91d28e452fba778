// Resolve pass: a stored or expanded form → code. Names become slots, heads are dispatched once, simple expressions
// become plain closures that need no frames. A value and what the same form renders to are compiled by the same code.
import {
  ExportLink,
  isDict,
  isList,
  Keyword,
  Link,
  type List,
  MemberRef,
  Ref,
  Sym,
  type Value,
} from '../lang/values.ts'
import { tags } from '../lang/words.ts'
import { apply, call } from './call.ts'
import {
  type Code,
  code,
  constant,
  type Env,
  type Home,
  lazily,
  levelOf,
  type Scope,
  still,
  unbound,
} from './code.ts'
import type { Form } from './form.ts'
import { bind, bindAll, sequence } from './machine.ts'
import { parseParams } from './params.ts'
import { type ElementParts, element, unknown } from './render.ts'
import { exceeded, Fn, type FnSpec, fail, freeze, keysOf, Markup, made, type Prim, spend } from './values.ts'
import { rendered } from './write.ts'

export interface Operand {
  readonly key: string | undefined
  readonly form: Value
}

/** What forms and markup need of the compiler. */
export interface Compiler {
  value(form: Value, scope: Scope): Code
  render(form: Value, scope: Scope): Code
  compile(form: Value, scope: Scope, asMarkup: boolean): Code
  /** several expressions with their `define`s; as markup all of them render, as a value the last one counts */
  body(forms: List, scope: Scope, asMarkup?: boolean): Code
  lambda(params: Value, body: List, scope: Scope, label: string): FnSpec
  assign(name: Value | undefined, scope: Scope): (env: Env, value: unknown) => void
  operands(forms: List): Operand[]
  readonly fast: Fast | undefined
}

/** Faster ways to do the same: see fast.ts. */
export interface Fast {
  primitive(prim: Prim, codes: readonly Code[]): Code | undefined
  choose(test: Code, yes: Code, no: Code): Code | undefined
  /** `c`: the call, the element as it is */
  call(head: Code, codes: readonly Code[], c: Code): Code
  element(tag: string, parts: ElementParts, c: Code): Code
}

/** A form's compiler: for values, for markup, or for both. */
export interface Special {
  value?: Form
  markup?: Form
}

export interface CompilerPorts {
  readonly refer: (form: Link | ExportLink | MemberRef | Ref, home: Home) => Code
  readonly forms: ReadonlyMap<string, Special>
  readonly prims: ReadonlyMap<string, Prim>
  readonly fast?: Fast | undefined
}

export const child = (names: readonly string[], parent: Scope, late = false): Scope => ({
  names,
  parent,
  late,
  home: parent.home,
})

const maxDepth = 600
/** So many levels of source run on JavaScript's stack without a look at how full it is. */
const stretch = 20

/** Their value is not part of the page. */
const isEffect = /^(?:define|set!|emit!|append!|dict-set!|reset!|swap!|effect|batch|dispose|assert)$/

/** They belong elsewhere than where they stand: an extension knows. */
const isHeadTag = /^(?:title|meta|link|script|style)$/

const isReference = (form: Value): form is Link | ExportLink | MemberRef | Ref =>
  form instanceof Link || form instanceof MemberRef || form instanceof ExportLink || form instanceof Ref

export const isForm = (form: Value | undefined, ...names: string[]): form is List =>
  isList(form) && form[0] instanceof Sym && names.includes(form[0].name)

/** The name that `(define name …)` or `(define (name …) …)` defines. */
const defined = (form: List): Value => (isList(form[1]) ? form[1][0]! : form[1]!)

const hasDefine = (form: Value): boolean =>
  isForm(form, 'define') || (isForm(form, 'begin', 'do') && form.some(hasDefine))

const flat = (forms: List): Value[] =>
  forms.flatMap(form => (isForm(form, 'begin', 'do') && hasDefine(form) ? flat(form.slice(1)) : [form]))

const outer = (env: Env, up: number): Env => {
  while (up--) env = env[0] as Env
  return env
}

export const createCompiler = (o: CompilerPorts): Compiler => {
  let depth = 0

  const find = (name: string, scope: Scope): [up: number, slot: number, late?: boolean] | undefined => {
    let up = 0
    for (let s: Scope | undefined = scope; s; s = s.parent, up++) {
      const i = s.names.lastIndexOf(name) + 1
      if (i) return [up, i, s.late!]
    }
    return
  }

  const lookup = (name: string, scope: Scope): Code | undefined => {
    const found = find(name, scope)
    if (!found) return scope.home.own?.(name)
    const [up, i, late] = found
    const c = still(
      code(
        0,
        late
          ? env => {
              const v = outer(env, up)[i]
              return v === undefined ? fail(`${name} is used before it has a value`) : v
            }
          : up === 0
            ? env => env[i]
            : up === 1
              ? env => (env[0] as Env)[i]
              : env => outer(env, up)[i],
      ),
    )
    c.at = found
    return c
  }

  const assign = (target: Value | undefined, scope: Scope) => {
    const name = target instanceof Sym ? target.name : fail('a name is missing')
    const found = find(name, scope)
    return (env: Env, value: unknown): void => {
      const e = outer(env, found ? found[0] : fail(`nothing local to set: ${name}`))
      if (Object.isFrozen(e)) fail(`${name} never changes`)
      e[found![1]] = value
    }
  }

  const operands = (forms: List): Operand[] => {
    const found: Operand[] = []
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i]!
      found.push(
        form instanceof Keyword && i + 1 < forms.length
          ? { key: form.name, form: forms[++i]! }
          : { key: undefined, form },
      )
    }
    return found
  }

  const primitive = (prim: Prim, args: List, scope: Scope): Code => {
    const n = args.length
    const codes = args.map(form => value(form, scope))
    if (prim.raw || n < prim.min || n > prim.max)
      return bindAll(codes, (vs, env, m) => apply(m, prim, vs, env))
    const fn = prim.fn as (...vs: unknown[]) => unknown
    const [a, b] = codes as [Code, Code]
    if (n === 1) return bind(a, v => fn(v), 0)
    const quick = o.fast?.primitive(prim, codes)
    if (quick) return quick
    if (n === 2 && !levelOf(codes)) return code(0, (env, m, d) => fn(a(env, m, d), b(env, m, d)))
    return bindAll(codes, vs => fn(...vs), 0)
  }

  /** A markup value: the form as it renders, compiled when first needed. */
  const markup = (form: Value, scope: Scope): Code => {
    const later = lazily(() => render(form, scope))
    return code(0, env => new Markup(later, env))
  }

  const list = (form: List, scope: Scope, asMarkup: boolean): Code => {
    const [head, ...args] = form as [Value, ...Value[]]
    const asValue = (): Code => (asMarkup ? rendered(list(form, scope, false)) : markup(form, scope))
    if (head instanceof Sym) {
      const { name } = head
      const special = o.forms.get(name)
      const form_ = asMarkup ? special?.markup : special?.value
      if (form_) return form_(args, scope, compiler, asMarkup)
      if (asMarkup && tags.has(name))
        return isHeadTag.test(name) ? unbound(name) : element(name, args, scope, compiler)
      if (asMarkup && isEffect.test(name)) return sequence([value(form, scope), constant(undefined)])
      const local = lookup(name, scope)
      const prim = o.prims.get(name)
      if (!asMarkup && local) return call(local, args, scope, compiler)
      if (!asMarkup && prim) return primitive(prim, args, scope)
      if (local || prim || special || tags.has(name)) return asValue()
      return name[0] === '~' ? (asMarkup ? unknown(name) : asValue()) : unbound(name)
    }
    if (asMarkup) return asValue()
    if (isList(head) || isReference(head)) return call(value(head, scope), args, scope, compiler)
    // A list whose head can't be called evaluates element by element.
    return bindAll(
      form.map(item => value(item, scope)),
      made,
      0,
    )
  }

  const atom = (form: Value, scope: Scope): Code => {
    if (form instanceof Sym) {
      const prim = o.prims.get(form.name)
      return lookup(form.name, scope) ?? (prim ? constant(prim) : unbound(form.name))
    }
    if (isDict(form)) {
      const keys = keysOf(form)
      return bindAll(
        keys.map(key => value(form.get(key)!, scope)),
        vs => made(new Map(vs.map((v, i) => [keys[i]!, v]))),
        0,
      )
    }
    if (isReference(form)) return o.refer(form, scope.home)
    return isList(form) ? code(0, () => made([])) : constant(form instanceof Keyword ? form.name : form)
  }

  const compile = (form: Value, scope: Scope, asMarkup: boolean): Code => {
    if (++depth > maxDepth) exceeded('nesting', maxDepth)
    try {
      const c =
        isList(form) && form.length > 0
          ? list(form, scope, asMarkup)
          : asMarkup
            ? rendered(atom(form, scope))
            : atom(form, scope)
      return c.level && !(depth % stretch) ? code(2, (env, m) => m.go(c, env)) : c
    } finally {
      depth--
    }
  }
  const value = (form: Value, scope: Scope): Code => compile(form, scope, false)
  const render = (form: Value, scope: Scope): Code => compile(form, scope, true)

  const body = (forms: List, scope: Scope, asMarkup = false): Code => {
    const all = flat(forms)
    const names = all.flatMap(form => {
      const name = isForm(form, 'define') ? defined(form) : undefined
      return name instanceof Sym ? [name.name] : []
    })
    const inner = names.length > 0 ? child(names, scope, true) : scope
    const c = sequence(all.map(form => compile(form, inner, asMarkup)))
    return inner === scope ? c : code(2, (env, m, d) => c([env, ...names.map(() => undefined)], m, d))
  }

  const lambda = (params: Value, forms: List, scope: Scope, label: string): FnSpec => {
    const p = parseParams(params, label)
    const inner = child(p.names, scope)
    const spec: FnSpec = {
      ...p,
      code: lazily(() => (spec.code = body(forms, inner))),
      markup: lazily(() => (spec.markup = body(forms, inner, true))),
    }
    return spec
  }

  const compiler: Compiler = { value, render, compile, body, lambda, assign, operands, fast: o.fast }
  return compiler
}

/** A function value. */
export const closure = (spec: FnSpec): Code =>
  still(
    code(0, env => {
      spend(16)
      return new Fn(spec, env)
    }),
  )

export const quoted = (form: Value): Code => {
  freeze(form)
  return constant(form)
}
