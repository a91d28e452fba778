// Forms that choose: if when cond case match, as values and as markup by the same code.
import { caseDatum, caseIsClauses, condIsClauses, isElse } from '../lang/shape.ts'
import { type List, Sym, type Value } from '../lang/values.ts'
import { apply } from './call.ts'
import { type Code, code, constant, levelOf, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { started } from './fold.ts'
import type { Form } from './form.ts'
import { bind } from './machine.ts'
import { equal, truthy } from './values.ts'
import { nothing, renderIn } from './write.ts'

const branch = (
  index: (v: unknown) => number,
  test: Code,
  branches: readonly Code[],
  asMarkup: boolean,
): Code => {
  const level = levelOf([test, ...branches])
  if (asMarkup ? level === 0 : test.level !== 2)
    return code(level, (env, m) => branches[index(test(env, m))]!(env, m))
  const to = asMarkup ? branches.map(started) : branches
  return bind(test, (v, env, m) => m.go(to[index(v)]!, env))
}

const choose = (test: Code, yes: Code, no: Code, asMarkup: boolean): Code => {
  const level = levelOf([test, yes, no])
  if (!asMarkup && test.level !== 2)
    return code(level, (env, m) => {
      const v = test(env, m)
      return v !== false && v !== null ? yes(env, m) : no(env, m)
    })
  return branch(v => (truthy(v) ? 0 : 1), test, [yes, no], asMarkup)
}

const none = (asMarkup: boolean): Code => (asMarkup ? nothing : constant(null))

const compile = (form: Value | undefined, scope: Scope, c: Compiler, asMarkup: boolean): Code =>
  form === undefined ? none(asMarkup) : asMarkup ? c.render(form, scope) : c.value(form, scope)

/** `otherwise`: when no clause's test holds. */
export const condOf = (
  operands: List,
  scope: Scope,
  c: Compiler,
  asMarkup: boolean,
  otherwise: Code,
): Code => {
  const clauses: List[] = []
  if (condIsClauses(operands)) clauses.push(...(operands as List[]))
  else for (let i = 0; i < operands.length; i += 2) clauses.push([operands[i]!, operands[i + 1] ?? null])
  return clauses.reduceRight<Code>((rest, [test, ...body]) => {
    if (isElse(test)) return c.body(body, scope, asMarkup)
    const t = c.value(test!, scope)
    const arrow = body[0]
    if (arrow instanceof Sym && arrow.name === '=>') {
      const f = c.value(body[1] ?? null, scope)
      const start = asMarkup ? started(rest) : rest
      return bind(t, (v, env, m) => {
        if (!truthy(v)) return m.go(start, env)
        if (asMarkup) m.push((out, k, machine) => renderIn(out, k.e, machine), env)
        return bind(f, (g, _env, machine) => apply(machine, g, [v]))(env, m)
      })
    }
    if (body.length === 0 && !asMarkup) return bind(t, (v, env, m) => (truthy(v) ? v : m.go(rest, env)))
    return choose(t, c.body(body, scope, asMarkup), rest, asMarkup)
  }, otherwise)
}

const caseOf = (operands: List, scope: Scope, c: Compiler, asMarkup: boolean): Code => {
  const rest = operands.slice(1)
  const data: (readonly Value[] | undefined)[] = []
  const branches: Code[] = []
  if (caseIsClauses(rest))
    for (const [head, ...body] of rest as List[]) {
      data.push(isElse(head) ? undefined : (head as List))
      branches.push(c.body(body, scope, asMarkup))
    }
  else
    for (let i = 0; i < rest.length; i += 2) {
      // An odd operand at the end is what else would be.
      const last = i + 1 === rest.length
      data.push(last || isElse(rest[i]) ? undefined : [rest[i]!])
      branches.push(compile(last ? rest[i] : rest[i + 1], scope, c, asMarkup))
    }
  const plain = data.map(list => list?.map(caseDatum))
  branches.push(none(asMarkup))
  const index = (v: unknown): number => {
    const i = plain.findIndex(list => list === undefined || list.some(datum => equal(datum, v)))
    return i < 0 ? branches.length - 1 : i
  }
  return branch(index, c.value(operands[0] ?? null, scope), branches, asMarkup)
}

const chooser =
  (make: (operands: List, scope: Scope, c: Compiler, asMarkup: boolean) => Code) =>
  (asMarkup: boolean): Form =>
  (operands, scope, c) =>
    make(operands, scope, c, asMarkup)

/** Form name → its compiler, as a value or as markup. */
export const choices: readonly (readonly [string, (asMarkup: boolean) => Form])[] = [
  [
    'if',
    chooser((operands, scope, c, asMarkup) =>
      choose(
        c.value(operands[0] ?? null, scope),
        compile(operands[1], scope, c, asMarkup),
        compile(operands[2], scope, c, asMarkup),
        asMarkup,
      ),
    ),
  ],
  [
    'when',
    chooser((operands, scope, c, asMarkup) =>
      choose(
        c.value(operands[0] ?? null, scope),
        c.body(operands.slice(1), scope, asMarkup),
        none(asMarkup),
        asMarkup,
      ),
    ),
  ],
  ['cond', chooser((operands, scope, c, asMarkup) => condOf(operands, scope, c, asMarkup, none(asMarkup)))],
  ['case', chooser(caseOf)],
]
