// Names that are known only when a program runs: `lookup` gives what a name of the site means, `eval` evaluates data as SX,
// its free names looked up in the same way. Both suspend the machine until the site's names, and then the definition, are
// there.
import { SxError } from '../errors.ts'
import { type ExportLink, type Link, type Ref, Sym, sym, type Value } from '../lang/values.ts'
import { tags } from '../lang/words.ts'
import { inTopLevel } from './cell.ts'
import { type Code, code, type Scope } from './code.ts'
import type { Extension } from './form.ts'
import { type Machine, Wait } from './machine.ts'
import { brief, fail, nameOf } from './values.ts'

/**
 * What a name of the site means: its definition, else what a library exports; undefined: nothing. A promise: not known
 * yet, ask again when it has settled (one that rejects is an error of the word that asked).
 */
export type Lookup = (name: string) => Link | ExportLink | Ref | undefined | Promise<unknown>

const find = (m: Machine, word: string, name: string, without: Lookup | undefined): Value | undefined => {
  const lookup = m.host?.lookup ?? without
  if (lookup === undefined)
    throw new SxError('eval-unsupported', `${word} has no answer here`, {
      word,
      hint: 'There is no site whose names it could know.',
    })
  const found = lookup(name)
  if (!(found instanceof Promise)) return found
  throw new Wait({ word, done: found.then(() => {}) })
}

/** A scope of its own: no local names, and for `own` what other names mean. */
const scopeOf = (own?: (name: string) => Code | undefined): Scope => ({
  names: [''],
  parent: undefined,
  home: { id: 'eval', ...(own && { own }) },
})

const bare = [null, 'eval']

/** `without`: what answers where an evaluation brings no host of its own. */
export const lookupWords = (without?: Lookup): Extension => {
  /** A step that begins anew after each wait. */
  const asking =
    (
      word: string,
      step: (given: unknown, m: Machine) => unknown,
    ): ((m: Machine, args: readonly unknown[]) => unknown) =>
    (m, [given]) => {
      // Such a value is evaluated once, for everybody, and names may come to mean something else.
      if (inTopLevel(m)) fail(`a top-level value can't ask for names: ${word}`)
      return m.go(
        code(2, () => step(given, m)),
        bare,
      )
    }

  const lookup = asking('lookup', (given, m) => {
    const name = typeof given === 'string' ? given : given instanceof Sym ? nameOf(given) : undefined
    if (name === undefined) return fail(`lookup takes a name, not ${brief(given)}`)
    const found = find(m, 'lookup', name, without)
    if (found === undefined)
      throw new SxError('eval-unbound', `nothing in the site is named ${name}`, { name })
    return m.go(m.compiler.value(found, scopeOf()), bare)
  })

  /** What a free name of evaluated data means: the site's, then the language's. Tags are the compiler's own. */
  const free = (name: string): Code | undefined => {
    let known: Code | undefined
    if (tags.has(name)) return undefined
    const first: Code = (env, m, d) => {
      known ??= m.compiler.value(find(m, 'eval', name, without) ?? sym(name), scopeOf())
      return known(env, m, d)
    }
    return code(1, (env, m, d) => (known ? known(env, m, d) : m.step(first, env)))
  }

  const evaluate = asking('eval', (given, m) => m.go(m.compiler.body([given as Value], scopeOf(free)), bare))

  return {
    raw: [
      ['lookup', 'a', lookup as never],
      ['eval', 'a', evaluate as never],
    ],
  }
}
