// Pure or io: which host words a definition reaches, over the whole graph (a definition's CID decides it, so that only
// what is hashed again is asked again). A library's exports are told apart; its other names are not.
import { SxError } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import { compareCodePoints } from '../lang/order.ts'
import { isDict, isList, Ref, Sym, type Value } from '../lang/values.ts'
import { hostIo } from '../lang/words.ts'
import { placeOf } from './definition.ts'
import type { Declaration } from './definitions.ts'
import type { Journal } from './journal.ts'
import type { Component, Unit } from './unit.ts'

/** Host words, sorted; none: pure. */
export type Io = readonly string[]

export const pure: Io = []

const union = (sets: Iterable<Io>): Io => {
  let first = pure
  let all: Set<string> | undefined
  for (const io of sets) {
    if (io.length === 0 || io === first) continue
    if (first.length === 0) first = io
    else for (const word of io) (all ??= new Set(first)).add(word)
  }
  return all === undefined || all.size === first.length ? first : [...all].sort(compareCodePoints)
}

const same = (a: Io, b: Io): boolean =>
  a === b || (a.length === b.length && a.every((word, i) => word === b[i]))

/** Symbols and references that stand in a form, quoted ones too: in doubt a definition is io. */
const mentions = (form: Value, symbols: Set<string>, refs: Ref[]): void => {
  if (form instanceof Sym) symbols.add(form.name)
  else if (form instanceof Ref) refs.push(form)
  else if (isList(form)) for (const item of form) mentions(item, symbols, refs)
  else if (isDict(form)) for (const item of form.values()) mentions(item, symbols, refs)
}

const ofRef = (ref: Ref, find: (name: string) => Unit): Io =>
  ref.library === undefined ? find(ref.name).io : (find(ref.library).exportIo?.get(ref.name) ?? pure)

/** What each name of an impure library reaches by itself. */
const ofLibrary = (unit: Unit, find: (name: string) => Unit): ReadonlyMap<string, Io> | undefined => {
  const { draft, hostIo: own } = unit.expansion!
  if (draft.kind !== 'library') return undefined
  const symbols = new Map<string, ReadonlySet<string>>()
  const direct = new Map<string, Io>()
  for (const form of draft.forms) {
    const [, target, ...body] = form as readonly Value[]
    const name = (isList(target!) ? target[0] : target) as Sym
    const found = new Set<string>()
    const refs: Ref[] = []
    mentions(body, found, refs)
    symbols.set(name.name, found)
    direct.set(
      name.name,
      union([
        [...own].filter(word => found.has(word)).sort(compareCodePoints),
        ...refs.map(ref => ofRef(ref, find)),
      ]),
    )
  }
  const reach = new Map<string, Io>()
  for (const name of direct.keys()) {
    const seen = new Set([name])
    for (const one of seen) for (const other of symbols.get(one)!) if (direct.has(other)) seen.add(other)
    reach.set(name, union([...seen].map(one => direct.get(one)!)))
  }
  return reach
}

/** Host words that stand in a stored node, of whatever publisher: in doubt it is io. */
export const wordsIn = (node: unknown, found: Set<string> = new Set()): Set<string> => {
  if (node === null || typeof node !== 'object') return found
  if (node instanceof Sym) {
    if (hostIo.has(node.name)) found.add(node.name)
  } else for (const item of node instanceof Map ? node.values() : Object.values(node)) wordsIn(item, found)
  return found
}

/** Brings one component up to date; those below it are. `foreignIo`: what a definition of another publisher reaches. */
export const updatePurity = (
  component: Component,
  find: (name: string) => Unit,
  journal: Journal,
  foreignIo: (cid: string) => Io,
): void => {
  const parts: Io[] = []
  for (const unit of component.units) {
    const { expansion } = unit
    if (expansion === undefined) continue
    if (expansion.hostIo.size > 0) parts.push([...expansion.hostIo].sort(compareCodePoints))
    for (const cid of expansion.foreign) parts.push(foreignIo(cid))
    if (unit.refs.every(ref => ref.io.length === 0 || ref.component === component)) continue
    for (const ref of expansion.refs) {
      const target = find(ref.library ?? ref.name)
      if (target.component !== component && target.io.length > 0)
        // An import is a reference to a library as a whole.
        parts.push(ref.library !== undefined && ref.name !== '' ? ofRef(ref, find) : target.io)
    }
  }
  const io = union(parts)
  for (const unit of component.units) {
    if (!same(unit.io, io)) {
      journal.keep(unit)
      unit.io = io
    }
    if (unit.origin.type !== 'library' || (io.length === 0 && unit.exportIo === undefined)) continue
    journal.keep(unit)
    unit.exportIo = io.length === 0 ? undefined : ofLibrary(unit, find)
  }
}

/** What a way through references is found by. */
interface Reaching {
  readonly name: string
  readonly io: Io
  readonly expansion: Unit['expansion']
  readonly refs: readonly Reaching[]
}

/** The shortest way by references from a unit to where `word` stands. */
export const pathTo = <T extends Reaching & { readonly refs: readonly T[] }>(
  from: T,
  word: string,
): readonly T[] => {
  const before = new Map<T, T | undefined>([[from, undefined]])
  for (const unit of before.keys()) {
    if (unit.expansion?.hostIo.has(word)) {
      const path: T[] = []
      for (let at: T | undefined = unit; at !== undefined; at = before.get(at)) path.unshift(at)
      return path
    }
    for (const ref of unit.refs) if (ref.io.includes(word) && !before.has(ref)) before.set(ref, unit)
  }
  return [from]
}

/** Methods that a handler may be asked with stand among its effects. */
export const methods: readonly string[] = ['get', 'post', 'put', 'patch', 'delete']

/** Which host words declared effects allow; undefined: any. */
const allowed = (effects: readonly string[]): readonly string[] | undefined => {
  const named = effects.filter(name => !methods.includes(name))
  const onlyMethods = named.length === 0 && effects.length > 0
  return !onlyMethods && named.every(name => hostIo.has(name)) ? named : undefined
}

/**
 * The declared effects of a definition against what it reaches: `()` is pure, host words allow themselves, `io` and
 * the site's own effects (`defeffect`) allow all. `known`: the names of `defeffect`, when the site has any.
 */
export const checkEffects = (unit: Unit, known: ReadonlySet<string> | undefined): SxError | undefined => {
  if (unit.origin.type !== 'definition') return undefined
  const { effects } = unit.origin.at
  if (effects === undefined) return undefined
  const place = placeOf(unit.origin.at)
  if (known !== undefined) {
    const unknown = effects.find(
      name => name !== 'io' && !known.has(name) && !hostIo.has(name) && !methods.includes(name),
    )
    if (unknown !== undefined) {
      const near = nearMisses(unknown, [...known, 'io', ...hostIo])
      return new SxError(
        'unknown-name',
        `${unit.name} declares the effect ${unknown}, which no defeffect names`,
        {
          place,
          name: unknown,
          near,
          hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : `write (defeffect ${unknown})`,
        },
      )
    }
  }
  const words = allowed(effects)
  const word = words && unit.io.find(one => !words.includes(one))
  if (word === undefined) return undefined
  const path = pathTo(unit, word)
  return new SxError(
    'effect-undeclared',
    `${unit.name} declares ${effects.length === 0 ? 'that it is pure' : `:effects (${effects.join(' ')})`} and reaches ${word}`,
    {
      place,
      related: path.slice(1).map(one => ({ note: `by way of ${one.name}`, place: placeOf(one.origin.at) })),
      hint: `it goes ${[...path.map(one => one.name), word].join(' → ')}`,
      path: path.map(one => one.name),
      word,
      definition: unit.name,
    },
  )
}

/** Names of `defeffect`; undefined when there is none. */
export const effectNames = (declarations: Iterable<Declaration>): ReadonlySet<string> | undefined => {
  let names: Set<string> | undefined
  for (const { kind, name } of declarations) if (kind === 'effect') (names ??= new Set()).add(name)
  return names
}
