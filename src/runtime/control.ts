// Control: errors, continuations, dynamic scope.
import { SxError } from '../errors.ts'
import { scopeName } from '../lang/shape.ts'
import { isList, Keyword, Sym } from '../lang/values.ts'
import { apply } from './call.ts'
import { condOf } from './choice.ts'
import { code, constant, type Env } from './code.ts'
import { child, sequence } from './compile.ts'
import { started } from './fold.ts'
import type { Form } from './form.ts'
import {
  bind,
  bindAll,
  bottom,
  capture,
  type Frame,
  located,
  type Machine,
  Raised,
  type Resume,
} from './machine.ts'
import { Continuation, exceeded, type Fn, fail, Markup, show } from './values.ts'
import { jump, type Wind, windFrame } from './wind.ts'
import { renderIn } from './write.ts'

const guardFrame: Resume = v => v

/** What `guard` binds for an error that no `raise` made: `{:code … :message …}`. */
const conditionOf = (error: SxError): unknown =>
  new Map<string, unknown>([
    ['code', error.code],
    ['message', error.message],
    ...(Array.isArray(error.detail.irritants) ? [['irritants', error.detail.irritants] as const] : []),
  ])

/** Sends an error to the nearest guard, or out of the machine. Limits can't be caught. */
export const onRaise = (m: Machine, thrown: unknown): unknown => {
  let error = thrown
  if (error instanceof RangeError) {
    try {
      exceeded('memory', m.limits.output)
    } catch (limit) {
      error = limit
    }
  }
  const limit = error instanceof SxError && (error.code === 'eval-limit' || error.code === 'block-mismatch')
  if (!limit && (error instanceof Raised || error instanceof SxError))
    for (let k = m.k; k !== undefined && k.r !== bottom; k = k.n)
      if (k.r === guardFrame) {
        const found = k
        const value = error instanceof Raised ? error.value : conditionOf(error)
        const again = error
        return jump(m, found.n, () => m.go(found.x as ReturnType<typeof code>, [found.e, value, again]))
      }
  if (m.nested > 0) throw error
  if (error instanceof Raised) {
    const { value } = error
    error = new SxError(
      'eval-failed',
      `raised and not caught: ${typeof value === 'string' ? value : show(value)}`,
      { raised: value },
    )
  }
  if (error instanceof SxError) throw located(error, m)
  throw located(
    new SxError('eval-failed', error instanceof Error ? error.message : 'evaluation failed', {}, error),
    m,
  )
}

export interface DynamicScope {
  readonly name: string
  readonly value: unknown
  readonly emitted: unknown[]
}

const hasMarkup = (v: unknown): boolean => v instanceof Markup || (Array.isArray(v) && v.some(hasMarkup))

/** Markup that a scope's body gave renders later, so it takes its scope along. */
const scopeFrame: Resume = (v, k) => (hasMarkup(v) ? new Markup(inScope, [k.e, k.x, v]) : v)

const inScope = code(2, (env, m) => {
  m.push(scopeFrame, env[0] as Env, env[1])
  return renderIn(env[2], env, m)
})

const findScope = (m: Machine, name: string): DynamicScope | undefined => {
  for (let k: Frame | undefined = m.k; k !== undefined; k = k.n)
    if (k.r === scopeFrame && (k.x as DynamicScope).name === name) return k.x as DynamicScope
  return undefined
}

const nameIn = (operands: readonly unknown[], who: string): string =>
  scopeName(operands[0] as never) ?? (fail(`${who} takes a name first`) as never)

/** scope and provide, as a value or as markup. */
export const scopeForm =
  (who: 'scope' | 'provide', asMarkup: boolean): Form =>
  (operands, scope, c) => {
    const name = nameIn(operands, who)
    const given = who === 'provide' || (operands[1] instanceof Keyword && operands[1].name === 'value')
    const at = who === 'provide' ? 1 : 2
    const value = given ? c.value(operands[at] ?? null, scope) : constant(null)
    const inner = c.body(operands.slice(given ? at + 1 : 1), scope, asMarkup)
    const body = asMarkup ? started(inner) : inner
    return bind(value, (v, env, m) => {
      m.push(scopeFrame, env, { name, value: v, emitted: [] } satisfies DynamicScope)
      return m.go(body, env)
    })
  }

const resetFrame: Resume = v => v

export const controlForms: readonly (readonly [string, Form])[] = [
  [
    'guard',
    (operands, scope, c) => {
      const [clause, ...body] = operands
      if (!isList(clause) || !(clause[0] instanceof Sym))
        return fail('guard takes (name clause…) first') as never
      const inner = child([clause[0].name, ' error'], scope)
      const raiseAgain = code(2, env => {
        throw env[2]
      })
      const handler = condOf(clause.slice(1), inner, c, false, raiseAgain)
      const run = c.body(body, scope)
      return code(2, (env, m) => {
        m.push(guardFrame, env, handler)
        return m.go(run, env)
      })
    },
  ],
  ...['raise', 'raise-continuable'].map((name): [string, Form] => [
    name,
    (operands, scope, c) =>
      bind(c.value(operands[0] ?? null, scope), v => {
        throw new Raised(v)
      }),
  ]),
  [
    'call/cc',
    (operands, scope, c) =>
      bind(c.value(operands[0] ?? null, scope), (f, _env, m) => apply(m, f, [capture(m)])),
  ],
  [
    'reset',
    (operands, scope, c) => {
      const body = c.body(operands, scope)
      return code(2, (env, m) => {
        m.push(resetFrame, env)
        return m.go(body, env)
      })
    },
  ],
  [
    'shift',
    (operands, scope, c) => {
      const [name, ...forms] = operands
      if (!(name instanceof Sym)) return fail('shift takes a name first') as never
      const body = c.body(forms, child([name.name], scope))
      return code(2, (env, m) => {
        const frames: Frame[] = []
        let k = m.k
        for (; k !== undefined && k.r !== resetFrame && k.r !== bottom; k = k.n) frames.push(k)
        if (k === undefined || k.r === bottom) return fail('shift stands in no reset')
        frames.push(k)
        m.multi = true
        m.k = k
        return m.go(body, [env, new Continuation(m, undefined, frames.reverse())])
      })
    },
  ],
  [
    'dynamic-wind',
    (operands, scope, c) => {
      const enter: Resume = (_v, k, m) => {
        const [before, thunk, after] = k.x as Fn[]
        m.push(windFrame, k.e, { before: before!, after: after! } satisfies Wind)
        return apply(m, thunk, [])
      }
      return bindAll(
        operands.map(form => c.value(form, scope)),
        (vs, env, m) => {
          if (vs.length !== 3) fail('dynamic-wind takes three functions')
          m.winds = true
          m.push(enter, env, vs)
          return apply(m, vs[0], [])
        },
      )
    },
  ],
  ['scope', scopeForm('scope', false)],
  ['provide', scopeForm('provide', false)],
  [
    'context',
    (operands, scope, c) => {
      const name = nameIn(operands, 'context')
      const other = c.value(operands[1] ?? null, scope)
      return code(2, (env, m) => {
        const found = findScope(m, name)
        return found ? found.value : other(env, m)
      })
    },
  ],
  [
    'emit!',
    (operands, scope, c) => {
      const name = nameIn(operands, 'emit!')
      return bind(sequence(operands.slice(1).map(form => c.value(form, scope))), (v, _env, m) => {
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
      return code(2, (_env, m) => findScope(m, name)?.emitted.slice() ?? [])
    },
  ],
]
