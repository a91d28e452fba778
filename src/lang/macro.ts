// Macro calls: marks, and how the result of a macro becomes a form of the text that called it (format §2, hygiene).
import type { SxError } from '../errors.ts'
import type { ExpandLimits, Home } from './meaning.ts'
import { CALLER } from './template.ts'
import {
  Char,
  ExportLink,
  isDict,
  isList,
  Keyword,
  Link,
  type List,
  MemberRef,
  Ratio,
  Ref,
  Sym,
  type Value,
} from './values.ts'

/** A macro prepared to be called. */
export interface Callable {
  /** expanded; template and quoted symbols carry negative marks */
  readonly code: { readonly name: string; readonly params: List; readonly body: List }
  /** negative mark of template symbols → home in which they mean what they mean */
  readonly homes: ReadonlyMap<number, Home>
  readonly looked: ReadonlySet<string>
  readonly macros: ReadonlySet<string>
  readonly ran: ReadonlyMap<string, Ref>
}

interface Mark {
  readonly home: Home
  /** how many calls stand in templates, one in the other, to get here */
  readonly chain: number
}

export interface Adopter {
  homeOf(mark: number): Home
  marks(): readonly number[]
  /** counts one macro call whose head has this mark; false when a limit is reached */
  spend(headMark: number): boolean
  /**
   * The macro's result as a form: template symbols get this call's fresh marks, quoted ones the mark of the call's
   * head, so that `,'it` means the caller's `it` even when the caller is another macro's template. Lists without
   * such symbols stay the same objects, and so keep their places.
   */
  adopt(
    result: Value,
    callable: Callable,
    headMark: number,
    call: List,
    refuse: (what: string) => SxError,
    tooLarge: () => SxError,
  ): Value
}

export const createAdopter = (home: Home, limits: ExpandLimits): Adopter => {
  const marks: Mark[] = [{ home, chain: 0 }]
  let calls = 0
  let walked = 0

  return {
    homeOf: mark => marks[mark]?.home ?? home,
    marks: () => [...marks.keys()].slice(1),
    spend: headMark => ++calls <= limits.expansions && marks[headMark]!.chain < limits.chain,
    adopt(result, callable, headMark, call, refuse, tooLarge) {
      const fresh = new Map<number, number>([[CALLER, headMark]])
      const markFor = (template: number): number => {
        const known = fresh.get(template)
        if (known !== undefined) return known
        const mark =
          marks.push({ home: callable.homes.get(template)!, chain: marks[headMark]!.chain + 1 }) - 1
        fresh.set(template, mark)
        return mark
      }
      // Operands come back as they went in: they hold no symbols of this macro.
      const operands = new Set<Value>(call)

      const walk = (value: unknown, depth: number): Value => {
        if (++walked > limits.forms || depth > limits.depth * 2) throw tooLarge()
        if (typeof value === 'number') {
          if (!Number.isFinite(value)) throw refuse(`${value}, which is no form`)
          return Object.is(value, -0) ? 0 : value
        }
        if (typeof value === 'string') {
          if (!value.isWellFormed()) throw refuse('a string with half a character')
          return value
        }
        if (value === null || typeof value === 'boolean') return value
        if (value instanceof Sym) return value.mark < 0 ? new Sym(value.name, markFor(value.mark)) : value
        if (isList(value)) {
          if (operands.has(value)) return value
          let changed: Value[] | undefined
          for (let i = 0; i < value.length; i++) {
            const item = walk(value[i], depth + 1)
            if (changed === undefined && item !== value[i]) changed = value.slice(0, i)
            changed?.push(item)
          }
          return changed ?? value
        }
        if (isDict(value)) {
          if (operands.has(value)) return value
          let changed = false
          const dict = new Map<string, Value>()
          for (const [key, item] of value) {
            const next = walk(item, depth + 1)
            changed ||= next !== item
            dict.set(key, next)
          }
          return changed ? dict : value
        }
        if (
          value instanceof Keyword ||
          value instanceof Char ||
          value instanceof Ratio ||
          value instanceof Link ||
          value instanceof ExportLink ||
          value instanceof MemberRef ||
          value instanceof Ref
        )
          return value
        throw refuse(
          value === undefined
            ? 'nothing'
            : `a ${typeof value === 'function' ? 'function' : 'value'} that is no form`,
        )
      }
      return walk(result, 0)
    },
  }
}
