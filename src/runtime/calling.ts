// Primitives that call functions (what `sort` sorts by): each call is the machine's, so that it may wait, jump and nest
// like any other, and is made once.
import { apply } from './call.ts'
import type { Machine, Resume } from './machine.ts'

/** What a primitive wants called. */
export type Call = readonly [f: unknown, args: readonly unknown[]]

/** What its calls gave, the last one first. */
interface Answers {
  readonly v: unknown
  readonly before: Answers | undefined
  readonly n: number
}

const inOrder = (answers: Answers | undefined): unknown[] => {
  const all: unknown[] = []
  for (; answers; answers = answers.before) all.push(answers.v)
  return all.reverse()
}

/**
 * For a raw primitive: `work` yields calls, is given what they give, and returns the primitive's value. Frames hold what
 * the calls gave: where one is resumed again, by a continuation, the work begins anew and gets what it had got.
 */
export const calling = (m: Machine, work: () => Iterator<Call, unknown, unknown>): unknown => {
  let running = work()
  let given = 0
  const go = (answers: Answers | undefined, next: IteratorResult<Call, unknown>, m: Machine): unknown => {
    if (next.done) return next.value
    m.push(answer, [null], answers)
    return apply(m, ...next.value)
  }
  const answer: Resume = (v, k, m) => {
    const before = k.x as Answers | undefined
    const n = before ? before.n : 0
    if (given !== n) {
      running = work()
      running.next()
      for (const earlier of inOrder(before)) running.next(earlier)
    }
    given = n + 1
    return go({ v, before, n: n + 1 }, running.next(v), m)
  }
  return go(undefined, running.next(), m)
}
