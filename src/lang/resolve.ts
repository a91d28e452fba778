// Free names: what they mean, in the order lexical → site definition → library export → primitive → tag (format §2).
import { SxError } from '../errors.ts'
import type { Adopter } from './macro.ts'
import type { ExpandWhat, Home, MacroDefinition, Meaning } from './meaning.ts'
import { nearMisses } from './near.ts'
import type { Binder, Reference, Scope } from './scope.ts'
import type { Trace } from './trace.ts'
import { Ref, type Sym, sym, type Value } from './values.ts'
import { forms, hostIo, primitives, tags } from './words.ts'

/** `own`: a name of the library that is being expanded. */
export type Resolved =
  | { readonly kind: 'macro'; readonly macro: MacroDefinition }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'own' | 'primitive' | 'tag' | 'io' }

export interface Resolver {
  /** of a symbol that no binder encloses; undefined when it means nothing */
  resolve(symbol: Sym, parent: Value, index?: number): Resolved | undefined
  /** A word as plain text: binders of the same spelling around it are told to give way. */
  word(symbol: Sym, kind: Resolved['kind'], scope: Scope, parent: Value, index?: number): Sym
  /**
   * Throws when a binder that has to give way to a tag is also called: `(title …)` is then the tag while rendering
   * and the variable elsewhere, which no other name can be.
   */
  checkHidden(): void
  /** 'unknown-name' with near misses */
  unknown(symbol: Sym, scope: Scope, parent: Value, index?: number): SxError
}

const ofMeaning = (meaning: Meaning): Resolved => {
  switch (meaning.kind) {
    case 'macro':
      return meaning
    case 'definition':
      return { kind: 'reference', reference: new Ref(meaning.name) }
    case 'export':
      return { kind: 'reference', reference: new Ref(meaning.name, meaning.library) }
    case 'link':
      return { kind: 'reference', reference: meaning.link }
  }
}

export const createResolver = (
  names: ExpandWhat['names'],
  home: Home,
  adopter: Adopter,
  { fail }: Trace,
  looked: Set<string>,
): Resolver => {
  const hidden = new Map<Binder, SxError>()
  const known = new Map<Home, Map<string, Resolved | undefined>>()

  const ask = (name: string, where: Home, parent: Value, index?: number): Meaning | undefined => {
    if (where === home) looked.add(name)
    try {
      return where.lookup(name)
    } catch (error) {
      if (!(error instanceof SxError) || error.detail.place !== undefined) throw error
      throw fail(error.code, error.message, parent, index, error.detail)
    }
  }

  const resolveIn = (name: string, where: Home, parent: Value, index?: number): Resolved | undefined => {
    if (where === home && names?.has(name)) return { kind: 'own' }
    // No definition or export can be named like a tag, so the home need not be asked.
    if (tags.has(name)) return { kind: 'tag' }
    const meaning = ask(name, where, parent, index)
    if (meaning !== undefined) return ofMeaning(meaning)
    return primitives.has(name) ? { kind: 'primitive' } : hostIo.has(name) ? { kind: 'io' } : undefined
  }

  return {
    resolve(symbol, parent, index) {
      // A template's symbol means what it means where its macro was defined.
      const where = adopter.homeOf(symbol.mark)
      const of = known.get(where) ?? new Map<string, Resolved | undefined>()
      known.set(where, of)
      if (!of.has(symbol.name)) of.set(symbol.name, resolveIn(symbol.name, where, parent, index))
      return of.get(symbol.name)
    },
    word(symbol, kind, scope, parent, index) {
      if (symbol.mark !== 0) {
        const means = `a macro means the word \`${symbol.name}\` of the language here`
        for (const binder of scope.plain(symbol.name)) {
          if (binder.fixed !== undefined)
            throw fail('syntax-form', `${means}, but it is ${binder.fixed}`, parent, index, {
              hint: 'give that parameter another name',
            })
          binder.hides = true
          if (kind === 'tag')
            hidden.set(
              binder,
              fail('syntax-form', `${means}, but a local \`${symbol.name}\` is called too`, parent, index, {
                hint: 'give the local variable another name than a tag',
              }),
            )
        }
        if (kind !== 'own' && names?.has(symbol.name))
          throw fail('syntax-form', `${means}, but this library defines it`, parent, index, {
            hint: 'give that definition another name',
          })
      }
      return sym(symbol.name)
    },
    checkHidden() {
      for (const [binder, error] of hidden) if (binder.called) throw error
    },
    unknown(symbol, scope, parent, index) {
      const { name } = symbol
      const words = [...scope.names(), ...(names ?? []), ...forms, ...primitives, ...tags]
      const near = [
        // No word of the language begins like a component.
        ...new Set([
          ...(name.startsWith('~') ? [] : nearMisses(name, words)),
          ...adopter.homeOf(symbol.mark).near(name),
        ]),
      ].slice(0, 5)
      return fail('unknown-name', `\`${name}\` is not defined`, parent, index, {
        name,
        near,
        ...(near.length > 0 && { hint: `did you mean ${near.map(one => `\`${one}\``).join(' or ')}?` }),
      })
    },
  }
}
