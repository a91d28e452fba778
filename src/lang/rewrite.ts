// Forms that are written as other forms before anything else is asked: no stored form holds them.
import type { Expander } from './expansion.ts'
import { isDict, isList, Keyword, type List, Sym, sym, type Value } from './values.ts'

/** `(-> x (f a) g)` is `(g (f x a))`; `->>` puts the value last. */
const thread =
  (last: boolean) =>
  (x: Expander, form: List): Value => {
    let value = form[1]!
    for (let i = 2; i < form.length; i++) {
      const step = form[i]!
      const isCall = isList(step) && step.length > 0
      const isAtom = typeof step !== 'object' || step === null || step instanceof Keyword
      if (isAtom || isDict(step) || (isList(step) && !isCall))
        throw x.malformed(form, 'a step is a call or a name', i)
      value = !isCall ? [step, value] : last ? [...step, value] : [step[0]!, value, ...step.slice(1)]
    }
    return value
  }

/** `(as-> x name (f name) (g name))` is `(let* ((name x) (name (f name))) (g name))`. */
const threadAs = (x: Expander, form: List): Value => {
  const name = form[2]!
  if (!(name instanceof Sym)) throw x.malformed(form, 'a name is missing', 2)
  const values = [form[1]!, ...form.slice(3)]
  const result = values.length === 1 ? name : values.pop()!
  return [sym('let*'), values.map(value => [name, value]), result]
}

export const rewrites: ReadonlyMap<string, (x: Expander, form: List) => Value> = new Map([
  ['->', thread(false)],
  ['->>', thread(true)],
  ['as->', threadAs],
])
