// match: patterns → a test that fills slots. `_` matches all, a name binds, a list matches a list of that length (or
// with `&rest name`), a dict the keys it names; other data match what is equal.
import { isDict, isList, Keyword, type List, Sym, type Value } from '../lang/values.ts'
import { child } from './compile.ts'
import type { Extension, Form } from './form.ts'
import { bind } from './machine.ts'
import { brief, equal, fail } from './values.ts'
import { watched } from './watched.ts'

type Test = (v: unknown, env: unknown[]) => boolean

/** `names` gets the pattern's names in order of slots. */
export const compilePattern = (pattern: Value, names: string[]): Test => {
  if (pattern instanceof Sym) {
    if (pattern.name === '_' || pattern.name === 'else') return () => true
    const slot = names.push(pattern.name)
    return (v, env) => {
      env[slot] = v
      return true
    }
  }
  if (pattern instanceof Keyword) return v => v === pattern.name || equal(v, pattern)
  if (isDict(pattern)) {
    const tests = [...pattern].map(([key, p]) => [key, compilePattern(p, names)] as const)
    return (v, env) => v instanceof Map && tests.every(([key, test]) => v.has(key) && test(v.get(key), env))
  }
  if (!isList(pattern)) return v => equal(v, pattern)
  if (pattern.length === 2 && pattern[0] instanceof Sym && pattern[0].name === 'quote')
    return v => equal(v, pattern[1])
  const at = pattern.findIndex(item => item instanceof Sym && item.name === '&rest')
  const fixed: List = at < 0 ? pattern : pattern.slice(0, at)
  const tests = fixed.map(item => compilePattern(item, names))
  const rest = at < 0 ? undefined : compilePattern(pattern[at + 1]!, names)
  return (v, env) =>
    isList(v) &&
    (rest ? v.length >= tests.length : v.length === tests.length) &&
    tests.every((test, i) => test(v[i], env)) &&
    (rest === undefined || rest(v.slice(tests.length), env))
}

const matchForm: Form = (operands, scope, c, asMarkup) => {
  const clauses = operands.slice(1).map(clause => {
    if (!isList(clause)) return fail('match takes clauses (pattern body…)') as never
    const names: string[] = []
    const test = compilePattern(clause[0]!, names)
    return { test, body: c.body(clause.slice(1), child(names, scope), asMarkup) }
  })
  return (asMarkup ? watched : bind)(c.value(operands[0] ?? null, scope), (v, env, m, d) => {
    for (const { test, body } of clauses) {
      const inner: unknown[] = [env]
      if (test(v, inner)) return body(inner, m, d)
    }
    return fail(`nothing in match fits ${brief(v)}`)
  })
}

export const matching: Extension = { both: [['match', matchForm]] }
