// Calls: of closures, primitives, components and continuations.
import type { List } from '../lang/values.ts'
import { type Code, code, type Env, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { renderComponent } from './island.ts'
import { bind, collect, type Machine } from './machine.ts'
import { bindArgs, type Keys, spread } from './params.ts'
import { areSame, brief, Component, Fn, fail, Markup, Prim } from './values.ts'
import { watchedAll } from './watched.ts'

/** Calls `f`: a value, or GO. `env`: the caller's. */
export const apply = (
  m: Machine,
  f: unknown,
  args: readonly unknown[],
  env: Env = m.env,
  keys?: Keys,
): unknown => {
  if (f instanceof Fn) return m.go(f.s.code, bindArgs(f.s, f.e, args, keys))
  if (f instanceof Component) return new Markup(applied, [null, f.id, f, args, keys])
  if (!(f instanceof Prim)) return fail(`${brief(f)} is no function`)
  const all = spread(args, keys)
  const { min, max } = f
  if (all.length < min || all.length > max)
    fail(
      `${f.name} takes ${min}${max > 99 ? ' or more' : max > min ? ` to ${max}` : ''} arguments, not ${all.length}`,
    )
  const fn = f.fn as (...vs: unknown[]) => unknown
  return f.raw ? m.step((_env, m) => fn(m, all), env) : fn(...all)
}

const applied: Code = code(2, (env, m) =>
  renderComponent(m, env[2], env[3] as unknown[], env, env[4] as Keys | undefined),
)

/** A call whose head is only known when it runs. */
export const call = (head: Code, args: List, scope: Scope, c: Compiler): Code => {
  const all = c.operands(args)
  const keys = all.some(arg => arg.key !== undefined) ? all.map(arg => arg.key) : undefined
  const codes = all.map(arg => c.value(arg.form, scope))
  const parts = [head, ...codes]
  const applying = collect(parts, (vs, env, m) => apply(m, vs[0], vs.slice(1), env, keys))
  // A component's arguments are evaluated where it renders, in its own dynamic scope; but what a head that isn't simple
  // gives is had once, and its arguments then and there.
  const later = watchedAll(
    parts,
    ([f, ...args], env, m) => renderComponent(m, f, args, env, keys),
    2,
    areSame,
  )
  const made = bind(head, (f, env, m, d) =>
    f instanceof Component && head.level !== 2 ? new Markup(later, env) : applying([f], env, m, d),
  )
  return (!keys && c.fast?.call(head, codes, made)) || made
}
