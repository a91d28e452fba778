// Calls: of closures, primitives, components and continuations.
import type { List } from '../lang/values.ts'
import { type Code, code, type Env, levelOf, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { renderComponent } from './island.ts'
import { bindAll, type Machine } from './machine.ts'
import { bindArgs, type Keys, spread } from './params.ts'
import { brief, Component, Fn, fail, Markup, Prim } from './values.ts'

/** Calls `f`: a value, or GO with the machine set to go on inside it. */
export const apply = (m: Machine, f: unknown, args: readonly unknown[], keys?: Keys): unknown => {
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
  return f.raw ? fn(m, all) : fn(...all)
}

const applied: Code = code(2, ([, , f, args, keys], m) =>
  renderComponent(m, f, args as unknown[], keys as Keys | undefined),
)

/** A call whose head is only known when it runs. */
export const call = (head: Code, args: List, scope: Scope, c: Compiler): Code => {
  const all = c.operands(args)
  const n = all.length
  const keys = all.some(arg => arg.key !== undefined) ? all.map(arg => arg.key) : undefined
  const codes = all.map(arg => c.value(arg.form, scope))
  const calling = (how: typeof apply): Code =>
    bindAll([head, ...codes], (vs, _env, m) => how(m, vs[0], vs.slice(1), keys))
  const applying = calling(apply)
  // What a head that isn't simple gives is had once, and its arguments then and there.
  if (head.level === 2) return applying
  // A component's arguments are evaluated where it renders: in its own dynamic scope.
  const rendering = calling(renderComponent)
  const other = (f: unknown, env: Env, m: Machine): unknown =>
    f instanceof Component ? new Markup(rendering, env) : applying(env, m)
  if (keys || levelOf(codes) === 2) return code(2, (env, m) => other(head(env, m), env, m))
  const [a, b] = codes as [Code, Code]
  return code(2, (env, m) => {
    const f = head(env, m)
    if (!(f instanceof Fn) || f.s.n !== n) return other(f, env, m)
    return m.go(
      f.s.code,
      n === 1
        ? [f.e, a(env, m)]
        : n === 2
          ? [f.e, a(env, m), b(env, m)]
          : [f.e, ...codes.map(x => x(env, m))],
    )
  })
}
