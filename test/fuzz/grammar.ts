// What a program is made of: expressions of a wanted type in a scope, until there is no fuel. Each file of productions
// adds rows to the table of its types; a row is taken as often as its weight says.
import type { Random } from './random.ts'

export const types = [
  'number',
  'string',
  'boolean',
  'numbers',
  'strings',
  'list',
  'dict',
  'any',
  'markup',
  'signal',
  /** functions: of one number to a number, of one to a truth, of two to a number, of none to anything */
  'function',
  'predicate',
  'function2',
  'thunk',
  /** the list that a program notes things in, in order */
  'log',
] as const
export type Type = (typeof types)[number]

export interface Variable {
  readonly name: string
  readonly type: Type
  /** how it is written: in a macro's template with a comma */
  readonly as?: string
  /** calls the rest of an evaluation with a value of `type` */
  readonly continuation?: boolean
  /** not to be set: what is around would not end */
  readonly fixed?: boolean
}

/** What a program may call or read by name. */
export interface Signature {
  readonly name: string
  readonly kind: 'value' | 'function' | 'component' | 'macro'
  readonly result: Type
  readonly positions: readonly Type[]
  readonly keys: readonly (readonly [name: string, type: Type])[]
  /** type of each further argument */
  readonly rest?: Type
}

export interface Grammar {
  readonly r: Random
  readonly signatures: readonly Signature[]
  variables: readonly Variable[]
  /** expressions that may still be made */
  fuel: number
  /** in a quasiquote, or a macro's template: no other one in it */
  quoting: boolean
  /** names of dynamic scopes that are open here */
  scopes: readonly string[]
  /** a guard is around: raising is welcome */
  guarded: boolean
  /** what the reset around gives, if one is */
  delimited: Type | undefined
  /** code that is evaluated at build or in a top-level value: no signals, no host, nothing that changes */
  pure: boolean
  of(type: Type): string
  /** an expression made with these variables in scope */
  within(variables: readonly Variable[], make: () => string): string
  /** a name to bind */
  name(): string
}

export type Production = readonly [weight: number, make: (g: Grammar, type: Type) => string]

const names = 'a b c d e f g h n x y z item acc it k more total key value row t2 ä λ x? go!'.split(' ')
/** They hide a primitive, or a tag in all but markup. */
const hiding = 'list str len first name text code title p time'.split(' ')

const wrong = 0.7

export interface Tables {
  /** by type: what needs no fuel */
  readonly leaves: Readonly<Record<Type, readonly Production[]>>
  readonly productions: Readonly<Record<Type, readonly Production[]>>
  /** for every type */
  readonly general: readonly Production[]
  /** which way to go: general, or of the type */
  readonly generality: number
}

export const createGrammar = (
  r: Random,
  tables: Tables,
  signatures: readonly Signature[],
  variables: readonly Variable[],
  fuel: number,
): Grammar => {
  const g: Grammar = {
    r,
    signatures,
    variables,
    fuel,
    quoting: false,
    scopes: [],
    guarded: false,
    delimited: undefined,
    pure: false,
    of(type) {
      g.fuel--
      // Now and then a program is wrong.
      const wanted = r.chance(wrong) ? r.pick(types) : type
      if (g.fuel <= 0) return r.weighted(tables.leaves[wanted])[1](g, wanted)
      const own = tables.productions[wanted]
      const rows = own.length === 0 || r.chance(tables.generality) ? tables.general : own
      // Part of it for this one, so that something is left for those beside it.
      const all = g.fuel
      g.fuel = all - r.below(Math.ceil(all * 0.7))
      const share = g.fuel
      const text = r.weighted(rows)[1](g, wanted)
      g.fuel += all - share
      return text
    },
    within(more, make) {
      const before = g.variables
      const hidden = new Set(more.map(v => v.name))
      g.variables = [...before.filter(v => !hidden.has(v.name)), ...more]
      try {
        return make()
      } finally {
        g.variables = before
      }
    },
    name: () => (r.chance(1) ? r.pick(hiding) : r.pick(names)),
  }
  return g
}

/** A variable of the type, or undefined. */
export const variable = (g: Grammar, type: Type): Variable | undefined => {
  const fit = g.variables.filter(v => v.type === type && !v.continuation)
  return fit.length === 0 ? undefined : g.r.pick(fit)
}

export const written = (v: Variable): string => v.as ?? v.name

/** A few expressions of the type. */
export const some = (g: Grammar, type: Type, most: number, least = 0): string =>
  Array.from({ length: least + g.r.below(most - least + 1) }, () => g.of(type)).join(' ')

/** With these settings, then as before. */
export const during = (
  g: Grammar,
  settings: Partial<Pick<Grammar, 'guarded' | 'delimited' | 'scopes' | 'quoting' | 'pure'>>,
  make: () => string,
): string => {
  const { guarded, delimited, scopes, quoting, pure } = g
  Object.assign(g, settings)
  try {
    return make()
  } finally {
    Object.assign(g, { guarded, delimited, scopes, quoting, pure })
  }
}

/** Distinct names to bind. */
export const distinct = (g: Grammar, n: number): string[] => {
  const found = new Set<string>()
  while (found.size < n) found.add(g.name())
  return [...found]
}
