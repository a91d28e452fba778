// Dynamic scope: found by walking the continuation, so that it is right whatever suspends, jumps or renders later.
import { scopeName } from '../lang/shape.ts'
import { Keyword } from '../lang/values.ts'
import { bindStep } from './bind-step.ts'
import { code, constant, type Env, step } from './code.ts'
import type { Extension, Form, FormRow } from './form.ts'
import { type Frame, type Machine, type Resume, sequence } from './machine.ts'
import { fail, Markup } from './values.ts'
import { watched } from './watched.ts'
import { renderValue } from './write.ts'

interface DynamicScope {
  readonly name: string
  readonly value: unknown
  readonly emitted: unknown[]
}

const hasMarkup = (v: unknown): boolean => v instanceof Markup || (Array.isArray(v) && v.some(hasMarkup))

/** Markup that a scope's body gave renders later, so it takes its scope along. */
const scopeFrame: Resume = (v, k) => (hasMarkup(v) ? new Markup(inScope, [k.e, k.x, v]) : v)

export const isScope = (k: Frame): boolean => k.r === scopeFrame

const inScope = step((env, m) => {
  m.push(scopeFrame, env[0] as Env, env[1])
  return m.go(inside, env)
})

const inside = code(2, (env, m, d) => renderValue(env[2], env, m, d))

const findScope = (m: Machine, name: string): DynamicScope | undefined => {
  for (let k: Frame | undefined = m.k; k !== undefined; k = k.n)
    if (k.r === scopeFrame && (k.x as DynamicScope).name === name) return k.x as DynamicScope
  return undefined
}

const nameIn = (operands: readonly unknown[], who: string): string =>
  scopeName(operands[0] as never) ?? (fail(`${who} takes a name first`) as never)

/** scope and provide, as a value or as markup. */
const scopeForm =
  (who: 'scope' | 'provide'): Form =>
  (operands, scope, c, asMarkup) => {
    const name = nameIn(operands, who)
    const given = who === 'provide' || (operands[1] instanceof Keyword && operands[1].name === 'value')
    const at = who === 'provide' ? 1 : 2
    const value = given ? c.value(operands[at] ?? null, scope) : constant(null)
    const body = c.body(operands.slice(given ? at + 1 : 1), scope, asMarkup)
    const show = (v: unknown, env: Env, m: Machine): unknown => {
      m.push(scopeFrame, env, { name, value: v, emitted: [] } satisfies DynamicScope)
      return m.go(body, env)
    }
    return asMarkup
      ? watched(value, (v, env, m) => m.step((env, m) => show(v, env, m), env))
      : bindStep(value, show)
  }

const dynamicForms: readonly FormRow[] = [
  [
    'context',
    (operands, scope, c) => {
      const name = nameIn(operands, 'context')
      const other = c.value(operands[1] ?? null, scope)
      return step((env, m) => {
        const found = findScope(m, name)
        return found ? found.value : m.go(other, env)
      })
    },
  ],
  [
    'emit!',
    (operands, scope, c) => {
      const name = nameIn(operands, 'emit!')
      return bindStep(sequence(operands.slice(1).map(form => c.value(form, scope))), (v, _env, m) => {
        const found = findScope(m, name) ?? fail(`emit! stands in no scope ${name}`)
        ;(found as DynamicScope).emitted.push(v)
        return null
      })
    },
  ],
  [
    'emitted',
    operands => {
      const name = nameIn(operands, 'emitted')
      return step((_env, m) => findScope(m, name)?.emitted.slice() ?? [])
    },
  ],
]

export const dynamicScope: Extension = {
  surrounds: true,
  forms: dynamicForms,
  both: [
    ['scope', scopeForm('scope')],
    ['provide', scopeForm('provide')],
  ],
}
