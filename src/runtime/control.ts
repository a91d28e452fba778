// Control: errors and their guards, continuations.
import { SxError } from '../errors.ts'
import { isList, Sym, sym, type Value } from '../lang/values.ts'
import { bindStep } from './bind-step.ts'
import { apply } from './call.ts'
import { type Code, step } from './code.ts'
import { child } from './compile.ts'
import { condOf } from './cond.ts'
import type { Extension, Form, FormRow } from './form.ts'
import { markLive } from './live-mark.ts'
import type { LiveSink } from './live-sink.ts'
import { bind, bindAll, bottom, type Frame, type Machine, type Resume } from './machine.ts'
import { Raised } from './raised.ts'
import { Continuation, fail, Prim, show } from './values.ts'
import { jump, type Wind, windFrame, winding } from './wind.ts'

const guardFrame: Resume = v => v

/**
 * What was written belongs to the continuation: a guard that takes an error, and a continuation that is called, go on
 * from what was written when the one was begun and the other captured. So no element is left open, or closed twice.
 * Gives the way back there.
 */
const marking = (m: Machine): (() => void) => {
  const { sink, ns, head, islands } = m
  if (!sink) return () => {}
  const back = sink.mark?.() ?? markLive(sink as LiveSink)
  const [heads, called] = [head.length, islands.length]
  return () => {
    back()
    Object.assign(m, { sink, ns })
    head.length = heads
    islands.length = called
  }
}

/** Is it inside a guard, which may take back what was written? */
export const isGuarded = (m: Machine): boolean => {
  for (let { k } = m; k; k = k.n) if (k.r === guardFrame) return true
  return false
}

/** What `guard` binds for an error that no `raise` made: `{:code … :message …}`. */
const conditionOf = (error: SxError): unknown =>
  new Map<string, unknown>([
    ['code', error.code],
    ['message', error.message],
    ...(Array.isArray(error.detail.irritants) ? [['irritants', error.detail.irritants] as const] : []),
  ])

/** Sends an error to the nearest guard, or out of the machine. Limits and false blocks can't be caught. */
const onRaise: Extension['onRaise'] = (m, error, next) => {
  const isLimit =
    error instanceof RangeError ||
    (error instanceof SxError && (error.code === 'eval-limit' || error.code === 'block-mismatch'))
  if (!isLimit && (error instanceof Raised || error instanceof SxError))
    for (let k = m.k; k !== undefined && k.r !== bottom; k = k.n)
      if (k.r === guardFrame) {
        const found = k
        const value = error instanceof Raised ? error.value : conditionOf(error)
        const [handler, back] = found.x as Guard
        return jump(m, found.n, () => {
          back()
          return m.go(handler, [found.e, value, error])
        })
      }
  if (m.nested > 0 || !(error instanceof Raised)) return next(m, error)
  const { value } = error
  const message = `raised and not caught: ${typeof value === 'string' ? value : show(value)}`
  return next(m, new SxError('eval-failed', message, { raised: value }))
}

type Guard = readonly [handler: Code, back: () => void]

/** `x`: how much was written before */
const resetFrame: Resume = v => v

const written = (m: Machine): number => m.sink?.size() ?? 0

const continuation = (home: Machine, go: (v: unknown) => unknown): Continuation =>
  new Continuation(
    'a continuation',
    ((m: Machine, args: readonly unknown[]) => {
      if (m !== home) fail("a continuation of another evaluation can't be called")
      // It may go round by itself, without a call of anything else.
      if (++m.steps > m.check) m.tick()
      return go(args.length === 0 ? null : args[0])
    }) as never,
    0,
    1,
    true,
  )

/** What is left when no clause of a guard holds: the error goes on. */
const raiseAgain = new Prim(
  'raise',
  ((error: unknown): never => {
    throw error
  }) as never,
  1,
  1,
)

/** Where it renders, what its body renders is guarded too: nothing of what failed is shown. */
const guard: Form = (operands, scope, c, asMarkup) => {
  const [clause, ...body] = operands
  if (!isList(clause) || !(clause[0] instanceof Sym)) return fail('guard takes (name clause…) first') as never
  const inner = child([clause[0].name, ' error'], scope)
  const again = [[sym('quote'), raiseAgain as unknown as Value], sym(' error')]
  const handler = (asMarkup ? c.render : c.value)(condOf(clause.slice(1), again), inner)
  const run = c.body(body, scope, asMarkup)
  return step((env, m) => {
    m.push(guardFrame, env, [handler, marking(m)] satisfies Guard)
    return m.go(run, env)
  })
}

const controlForms: readonly FormRow[] = [
  ...['raise', 'raise-continuable'].map(
    (name): FormRow => [
      name,
      (operands, scope, c) =>
        bind(c.value(operands[0] ?? null, scope), v => {
          throw new Raised(v)
        }),
    ],
  ),
  [
    'call/cc',
    (operands, scope, c) =>
      bindStep(c.value(operands[0] ?? null, scope), (f, env, m) => {
        m.multi = true
        const { k } = m
        const back = marking(m)
        const enter = (v: unknown): unknown =>
          jump(m, k, () => {
            back()
            return v
          })
        return apply(m, f, [continuation(m, enter)], env)
      }),
  ],
  [
    'reset',
    (operands, scope, c) => {
      const body = c.body(operands, scope)
      return step((env, m) => {
        m.push(resetFrame, env, written(m))
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
      return step((env, m) => {
        const frames: Frame[] = []
        let k = m.k
        for (; k !== undefined && k.r !== resetFrame && k.r !== bottom; k = k.n) frames.push(k)
        if (k === undefined || k.r === bottom) return fail('shift stands in no reset')
        // What is left to do would close elements that it didn't open.
        if (k.x !== written(m)) return fail('shift stands behind markup that its reset has begun')
        frames.push(k)
        m.multi = true
        m.k = k
        frames.reverse()
        const again = (v: unknown): unknown => {
          for (const { r, e, x, y } of frames)
            m.push(
              r,
              e,
              r === resetFrame ? written(m) : r === guardFrame ? [(x as Guard)[0], marking(m)] : x,
              y,
            )
          return v
        }
        return m.go(body, [env, continuation(m, again)])
      })
    },
  ],
  [
    'dynamic-wind',
    (operands, scope, c) => {
      const enter: Resume = (_v, k, m) => {
        const [before, thunk, after] = k.x as unknown[]
        m.push(windFrame, k.e, { before, after } satisfies Wind)
        return apply(m, thunk, [], k.e)
      }
      return bindStep(
        bindAll(
          operands.map(form => c.value(form, scope)),
          vs => vs,
        ),
        (given, env, m) => {
          const vs = given as unknown[]
          if (vs.length !== 3) fail('dynamic-wind takes three functions')
          winding.add(m)
          m.push(enter, env, vs)
          return apply(m, vs[0], [], env)
        },
      )
    },
  ],
]

export const control: Extension = { both: [['guard', guard]], forms: controlForms, onRaise }
