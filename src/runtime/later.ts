// What runs after the evaluation that it was made in: functions of computed signals, at once and to the end; and tasks,
// which may wait: effects, handlers, what is rendered again.
import { apply } from './call.ts'
import { code } from './code.ts'
import { type Machine, PAUSED } from './machine.ts'
import { batch, now, type Owner } from './signal.ts'
import { fail } from './values.ts'

/** Calls functions without arguments as if from where `m` is now. They can't wait. */
export const caller = (m: Machine): ((f: unknown) => unknown) => {
  const { k } = m
  return f => {
    const own = m.fork(k)
    own.nested++
    const base = own.k
    const v = own.run(1 / 0, apply(own, f, [], [null, '']), base)
    return v === PAUSED ? fail("a computed signal can't wait") : v
  }
}

/**
 * Does `step` on a machine of its own, what it reads and makes being of `now` as it is; then `done`. It waits where it
 * must, and goes no further when its owner has ended. What is written meanwhile is told when it ends or waits.
 */
export const task = (
  m: Machine,
  owner: Owner,
  step: (m: Machine, d: number) => unknown,
  done: (v: unknown, m: Machine) => void,
  failed: (error: unknown) => void,
): void => {
  const base = m.k
  let mine = { reader: undefined as typeof now.reader, owner: owner as typeof now.owner }
  m.go(
    code(2, (_env, m, d) => step(m, d)),
    [null, ''],
  )
  const go = (): void => {
    if (owner.over) return
    batch(() => {
      const others = { ...now }
      Object.assign(now, mine)
      try {
        const v = m.run(1 / 0, undefined, base)
        if (v === PAUSED) m.shared.live!.load(m).then(go, failed)
        else done(v, m)
      } catch (error) {
        failed(error)
      } finally {
        mine = { ...now }
        Object.assign(now, others)
      }
    })
  }
  go()
}
