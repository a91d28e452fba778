// Resolve pass: a stored or expanded form → code. Names become slots, heads are dispatched once, simple expressions
// become plain closures that need no frames.
import { SxError } from '../errors.ts'
import { compareKeys } from '../lang/order.ts'
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
import { call } from './call.ts'
import type { Cells } from './cell.ts'
import { type Code, code, constant, type Env, levelOf, type Scope } from './code.ts'
import { started } from './fold.ts'
import type { Form } from './form.ts'
import { bindAll, type Machine, type Resume } from './machine.ts'
import { parseParams } from './params.ts'
import { exceeded, Fn, type FnSpec, fail, freeze, Markup, type Prim } from './values.ts'

export interface Operand {
  readonly key: string | undefined
  readonly form: Value
}

/** What forms and markup need of the compiler. */
export interface Compiler {
  readonly forms: ReadonlyMap<string, Form>
  readonly markup: ReadonlyMap<string, Form>
  value(form: Value, scope: Scope): Code
  render(form: Value, scope: Scope): Code
  /** several expressions with their `define`s; as markup all of them render, as a value the last one counts */
  body(forms: List, scope: Scope, render?: boolean): Code
  lambda(params: Value, body: List, scope: Scope, label: string): FnSpec
  lookup(name: string, scope: Scope): Code | undefined
  assign(name: string, scope: Scope): (env: Env, value: unknown) => void
  operands(forms: List): Operand[]
}

export type Fast = (
  a: Code,
  b: Code,
  slow: (x: unknown, y: unknown) => unknown,
) => (env: Env, m: Machine) => unknown

export interface CompilerPorts {
  readonly cells: Pick<Cells, 'refer'>
  readonly forms: ReadonlyMap<string, Form>
  readonly markup: ReadonlyMap<string, Form>
  readonly prims: ReadonlyMap<string, Prim>
  /** primitives that have a faster way than a call when both operands are simple */
  readonly fast: Readonly<Record<string, Fast>>
  readonly render: (form: Value, scope: Scope, c: Compiler) => Code
}

export const child = (names: readonly string[], parent: Scope, late = false): Scope => ({
  names,
  parent,
  late,
  home: parent.home,
})

const maxDepth = 600

export const createCompiler = (o: CompilerPorts): Compiler => {
  let depth = 0

  const lookup = (name: string, scope: Scope): Code | undefined => {
    let up = 0
    for (let s: Scope | undefined = scope; s !== undefined; s = s.parent, up++) {
      const i = s.names.lastIndexOf(name) + 1
      if (i === 0) continue
      if (s.late) {
        const n = up
        return code(0, env => {
          let e = env
          for (let j = 0; j < n; j++) e = e[0] as Env
          const v = e[i]
          return v === undefined ? fail(`${name} is used before it has a value`) : v
        })
      }
      if (up === 0) return code(0, env => env[i])
      if (up === 1) return code(0, env => (env[0] as Env)[i])
      if (up === 2) return code(0, env => ((env[0] as Env)[0] as Env)[i])
      const n = up
      return code(0, env => {
        let e = env
        for (let j = 0; j < n; j++) e = e[0] as Env
        return e[i]
      })
    }
    return scope.home.own?.(name)
  }

  const assign = (name: string, scope: Scope) => {
    let up = 0
    for (let s: Scope | undefined = scope; s !== undefined; s = s.parent, up++) {
      const i = s.names.lastIndexOf(name) + 1
      if (i === 0) continue
      const n = up
      return (env: Env, value: unknown): void => {
        let e = env
        for (let j = 0; j < n; j++) e = e[0] as Env
        if (Object.isFrozen(e))
          fail(
            `${name} belongs to a top-level value, which never changes`,
            'State belongs in an island: use a signal.',
          )
        e[i] = value
      }
    }
    return (): void =>
      fail(
        `${name} can't be set: it is no local name`,
        'Definitions never change; use a signal in an island.',
      )
  }

  const unbound = (name: string): Code =>
    code(0, () => {
      throw new SxError('eval-unbound', `${name} means nothing here`, { name })
    })

  const operands = (forms: List): Operand[] => {
    const found: Operand[] = []
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i]!
      if (form instanceof Keyword && i + 1 < forms.length) found.push({ key: form.name, form: forms[++i]! })
      else found.push({ key: undefined, form })
    }
    return found
  }

  /** A markup value: the form as it renders, compiled when first needed. */
  const markup = (form: Value, scope: Scope): Code => {
    let c: Code | undefined
    const later: Code = code(2, (env, m) => (c ??= started(render(form, scope)))(env, m))
    return code(0, env => new Markup(c ?? later, env))
  }

  const primitive = (prim: Prim, args: List, scope: Scope): Code => {
    const n = args.length
    if (n < prim.min || n > prim.max)
      return code(0, () =>
        fail(
          `${prim.name} takes ${prim.min === prim.max ? prim.min : `${prim.min} to ${prim.max}`} arguments, not ${n}`,
        ),
      )
    const codes = args.map(form => value(form, scope))
    const fn = prim.fn as (...vs: unknown[]) => unknown
    if (prim.raw) return bindAll(codes, (vs, _env, m) => fn(m, vs))
    const [a, b] = codes
    const level = levelOf(codes)
    if (level < 2) {
      if (n === 2)
        return code(
          level,
          (Object.hasOwn(o.fast, prim.name) && o.fast[prim.name]!(a!, b!, fn)) ||
            ((env, m) => fn(a!(env, m), b!(env, m))),
        )
      if (n === 1) return code(level, (env, m) => fn(a!(env, m)))
    }
    if (n === 2) {
      const second: Resume = (v, k) => fn(k.x, v)
      const first: Resume = (v, k, m) => {
        if (b!.level !== 2) return fn(v, b!(k.e, m))
        m.push(second, k.e, v)
        return b!(k.e, m)
      }
      return code(2, (env, m) => {
        if (a!.level === 2) {
          m.push(first, env)
          return a!(env, m)
        }
        m.push(second, env, a!(env, m))
        return b!(env, m)
      })
    }
    return bindAll(codes, vs => fn(...vs), 0)
  }

  const list = (form: List, scope: Scope): Code => {
    const head = form[0]!
    const args = form.slice(1)
    if (head instanceof Sym) {
      const { name } = head
      const local = lookup(name, scope)
      if (local) return call(local, args, form, scope, compiler)
      const special = o.forms.get(name)
      if (special) return special(args, scope, compiler)
      const prim = o.prims.get(name)
      if (prim) return primitive(prim, args, scope)
      return tags.has(name) || name.startsWith('~') ? markup(form, scope) : unbound(name)
    }
    if (
      isList(head) ||
      head instanceof Link ||
      head instanceof Ref ||
      head instanceof MemberRef ||
      head instanceof ExportLink
    )
      return call(value(head, scope), args, form, scope, compiler)
    // A list whose head can't be called evaluates element by element.
    return bindAll(
      form.map(item => value(item, scope)),
      vs => vs,
      0,
    )
  }

  const atom = (form: Value, scope: Scope): Code => {
    if (form instanceof Sym) {
      const found = lookup(form.name, scope)
      if (found) return found
      const prim = o.prims.get(form.name)
      return prim ? constant(prim) : unbound(form.name)
    }
    if (form instanceof Keyword) return constant(form.name)
    if (isDict(form)) {
      const keys = [...form.keys()].sort(compareKeys)
      return bindAll(
        keys.map(key => value(form.get(key)!, scope)),
        vs => new Map(vs.map((v, i) => [keys[i]!, v])),
        0,
      )
    }
    if (
      form instanceof Link ||
      form instanceof Ref ||
      form instanceof MemberRef ||
      form instanceof ExportLink
    )
      return o.cells.refer(form, scope.home)
    return constant(form)
  }

  const deeper = (make: () => Code): Code => {
    if (++depth > maxDepth) exceeded('nesting', maxDepth)
    try {
      return make()
    } finally {
      depth--
    }
  }

  const value = (form: Value, scope: Scope): Code =>
    isList(form) && form.length > 0
      ? deeper(() => list(form, scope))
      : isList(form)
        ? code(0, () => [])
        : atom(form, scope)

  const render = (form: Value, scope: Scope): Code => deeper(() => o.render(form, scope, compiler))

  const isForm = (form: Value, ...names: string[]): form is List =>
    isList(form) && form[0] instanceof Sym && names.includes(form[0].name)

  const hasDefine = (form: Value): boolean =>
    isForm(form, 'define') || (isForm(form, 'begin', 'do') && form.some(hasDefine))

  const flat = (forms: List): Value[] =>
    forms.flatMap(form => (isForm(form, 'begin', 'do') && hasDefine(form) ? flat(form.slice(1)) : [form]))

  const body = (forms: List, scope: Scope, asMarkup = false): Code => {
    const all = flat(forms)
    const names = all.flatMap(form => {
      if (!isForm(form, 'define')) return []
      const name = isList(form[1]) ? form[1][0] : form[1]
      return name instanceof Sym ? [name.name] : []
    })
    if (names.length > 0) {
      const inner = child(names, scope, true)
      const c = asMarkup
        ? o.render([new Sym('<>'), ...all], inner, compiler)
        : sequence(all.map(form => value(form, inner)))
      const n = names.length
      const inside = asMarkup ? started(c) : c
      return code(2, (env, m) => {
        const e = new Array<unknown>(n + 1).fill(undefined)
        e[0] = env
        return m.go(inside, e)
      })
    }
    if (asMarkup)
      return all.length === 1 ? render(all[0]!, scope) : o.render([new Sym('<>'), ...all], scope, compiler)
    return sequence(all.map(form => value(form, scope)))
  }

  const lambda = (params: Value, forms: List, scope: Scope, label: string): FnSpec => {
    const p = parseParams(params, label)
    const inner = child(p.names, scope)
    const spec: FnSpec = {
      ...p,
      rendered: undefined,
      compile(asMarkup) {
        if (asMarkup) return (spec.rendered ??= body(forms, inner, true))
        if (spec.code === first) spec.code = body(forms, inner)
        return spec.code
      },
      code: undefined as unknown as Code,
    }
    const first: Code = code(2, (env, m) => m.go(spec.compile(false), env))
    spec.code = first
    return spec
  }

  const compiler: Compiler = {
    forms: o.forms,
    markup: o.markup,
    value,
    render,
    body,
    lambda,
    lookup,
    assign,
    operands,
  }
  return compiler
}

/** One after the other; the last one's value. */
export const sequence = (codes: readonly Code[]): Code => {
  const n = codes.length
  if (n === 0) return constant(null)
  const last = codes[n - 1]!
  if (n === 1) return last
  const level = levelOf(codes)
  if (level < 2)
    return code(level, (env, m) => {
      for (let i = 0; i < n - 1; i++) codes[i]!(env, m)
      return last(env, m)
    })
  const from = (i: number, env: Env, m: Machine): unknown => {
    for (; i < n - 1; i++) {
      const c = codes[i]!
      if (c.level === 2) {
        m.push(r, env, undefined, i + 1)
        return c(env, m)
      }
      c(env, m)
    }
    return last(env, m)
  }
  const r: Resume = (_v, k, m) => from(k.y, k.e, m)
  return code(2, (env, m) => from(0, env, m))
}

/** A function value. */
export const closure = (spec: FnSpec): Code => code(0, env => new Fn(spec, env))

export const quoted = (form: Value): Code => {
  freeze(form)
  return constant(form)
}
