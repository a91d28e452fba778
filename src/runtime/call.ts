// Calls: of closures, primitives, components and continuations.
import { isList, type List, Sym } from '../lang/values.ts'
import { type Code, code, levelOf, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { started } from './fold.ts'
import { renderComponent } from './island.ts'
import { bind, bindAll, GO, type Machine } from './machine.ts'
import { bindArgs } from './params.ts'
import { Component, Continuation, Fn, fail, Markup, Prim, Signal, show } from './values.ts'

type Keys = readonly (string | undefined)[]

const spread = (args: readonly unknown[], keys: Keys | undefined): unknown[] =>
  keys ? args.flatMap((arg, i) => (keys[i] === undefined ? [arg] : [keys[i], arg])) : (args as unknown[])

/** Calls `f`: a value, or GO with the machine set to go on inside it. */
export const apply = (m: Machine, f: unknown, args: unknown[], keys?: Keys): unknown => {
  if (f instanceof Fn) return m.go(f.s.code, bindArgs(f.s, f.e, args, keys))
  if (f instanceof Prim) {
    const all = spread(args, keys)
    if (all.length < f.min || all.length > f.max)
      fail(`${f.name} takes ${f.min === f.max ? f.min : `${f.min} to ${f.max}`} arguments, not ${all.length}`)
    const fn = f.fn as (...vs: unknown[]) => unknown
    return f.raw ? fn(m, all) : fn(...all)
  }
  if (f instanceof Component) return new Markup(applied, [null, f.id, f, args, keys])
  if (f instanceof Continuation) return f.enter(m, args)
  return fail(
    `${show(f).slice(0, 60)} is not a function`,
    f instanceof Signal ? 'Read a signal with deref.' : undefined,
  )
}

const applied: Code = code(2, (env, m) =>
  renderComponent(env[2] as Component, env[3] as unknown[], env[4] as Keys | undefined, m),
)

/** A call in render position: a component renders in its own dynamic scope, any other function's value renders. */
export const renderCall = (
  head: Code,
  args: List,
  scope: Scope,
  c: Compiler,
  makeOther: () => Code,
): Code => {
  const all = c.operands(args)
  const keys = all.some(arg => arg.key !== undefined) ? all.map(arg => arg.key) : undefined
  let call: Code | undefined
  let other: Code | undefined
  return bind(head, (f, env, m) => {
    if (!(f instanceof Component)) return m.go((other ??= started(makeOther())), env)
    call ??= bindAll([head, ...all.map(arg => c.value(arg.form, scope))], (vs, _env, machine) =>
      renderComponent(vs[0] as Component, vs.slice(1), keys, machine),
    )
    return call(env, m)
  })
}

/** A call whose head is only known when it runs. */
export const call = (head: Code, args: List, form: List, scope: Scope, c: Compiler): Code => {
  const all = c.operands(args)
  const keys = all.some(arg => arg.key !== undefined) ? all.map(arg => arg.key) : undefined
  let lazy: Code | undefined
  // A component's arguments are evaluated where it renders: in its own dynamic scope.
  const markup: Code = code(2, (env, m) => (lazy ??= c.render(form, scope))(env, m))
  const n = all.length
  const full = (): Code => {
    const codes = all.map(arg => c.value(arg.form, scope))
    return bindAll([head, ...codes], (vs, _env, m) => apply(m, vs[0], vs.slice(1), keys))
  }
  let made: Code | undefined
  const other = (f: unknown, env: unknown[], m: Machine): unknown =>
    f instanceof Component ? new Markup(markup, env) : (made ??= full())(env, m)
  // Perhaps a component with markup in its arguments: they are compiled when it is known who takes them.
  const later = keys !== undefined || n > 3 || args.some(arg => isList(arg) && !(arg[0] instanceof Sym))
  if (later || head.level === 2) return bind(head, other)
  const codes = all.map(arg => c.value(arg.form, scope))
  if (levelOf(codes) === 2) return bind(head, other)
  const [a, b, d] = codes as [Code, Code, Code]
  if (n === 1)
    return code(2, (env, m) => {
      const f = head(env, m)
      if (!(f instanceof Fn) || f.s.n !== 1) return other(f, env, m)
      const e = [f.e, a(env, m)]
      m.code = f.s.code
      m.env = e
      return GO
    })
  if (n === 2)
    return code(2, (env, m) => {
      const f = head(env, m)
      if (!(f instanceof Fn) || f.s.n !== 2) return other(f, env, m)
      const e = [f.e, a(env, m), b(env, m)]
      m.code = f.s.code
      m.env = e
      return GO
    })
  if (n === 3)
    return code(2, (env, m) => {
      const f = head(env, m)
      if (!(f instanceof Fn) || f.s.n !== 3) return other(f, env, m)
      const e = [f.e, a(env, m), b(env, m), d(env, m)]
      m.code = f.s.code
      m.env = e
      return GO
    })
  return code(2, (env, m) => {
    const f = head(env, m)
    return f instanceof Fn && f.s.n === 0 ? m.go(f.s.code, [f.e]) : other(f, env, m)
  })
}
