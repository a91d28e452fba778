// let, let* and letrec: in pairs or flat, parallel, one after the other, or all at once.
import { SxError } from '../errors.ts'
import { expandBody } from './body.ts'
import type { Expander, Walk } from './expansion.ts'
import { type Draft, headOf, Scope } from './scope.ts'
import { bindingsAreFlat } from './shape.ts'
import { isDict, isList, type List, Sym, type Value } from './values.ts'

interface Binding {
  readonly name: Value
  readonly init: Value
  /** the list in which both stand, and where */
  readonly list: List
  readonly at: number
}

const bindingsOf = (
  x: Expander,
  form: List,
  at: number,
): { flat: boolean; list: List; bindings: Binding[] } => {
  const list = form[at]
  if (!isList(list))
    throw x.malformed(form, 'a list of bindings is missing', at < form.length ? at : undefined)
  const flat = bindingsAreFlat(list)
  const bindings: Binding[] = []
  if (flat) {
    for (let i = 0; i < list.length; i += 2) {
      if (!(list[i] instanceof Sym))
        throw x.fail('syntax-form', 'a name is expected here', list, i, {
          hint: 'flat bindings are name expr name expr …',
        })
      if (i + 1 === list.length) throw x.fail('syntax-form', 'a name without a value', list, i)
      bindings.push({ name: list[i]!, init: list[i + 1]!, list, at: i })
    }
  } else
    list.forEach((pair, i) => {
      if (!isList(pair) || pair.length !== 2) throw x.fail('syntax-form', 'a binding is (name expr)', list, i)
      bindings.push({ name: pair[0]!, init: pair[1]!, list: pair, at: 0 })
    })
  return { flat, list, bindings }
}

/** The bindings as they were written, flat or in pairs. */
const rebuilt = (isFlat: boolean, pairs: readonly (readonly [Draft, Draft])[]): Draft =>
  isFlat ? pairs.flat() : pairs

const mentions = (value: Value, name: Sym): boolean =>
  value instanceof Sym
    ? value.name === name.name && value.mark === name.mark
    : isList(value)
      ? value.some(item => mentions(item, name))
      : isDict(value) && [...value.values()].some(item => mentions(item, name))

/** `let` binds in parallel in both spellings; who comes from Clojure and thinks otherwise hears of it. */
const warnParallel = (x: Expander, bindings: readonly Binding[]) => {
  bindings.forEach((binding, i) => {
    const earlier = bindings
      .slice(0, i)
      .find(one => one.name instanceof Sym && mentions(binding.init, one.name))
    if (earlier !== undefined)
      x.warn(
        'parallel-let',
        `let binds all its names at once: \`${(earlier.name as Sym).name}\` in this value is not the one beside it`,
        binding.list,
        binding.at + 1,
        'use let* to use one binding in the next',
      )
  })
}

/** An unknown name that the same `let` binds: says so. */
const parallelInit = <T>(earlier: readonly Binding[], work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SxError) || error.code !== 'unknown-name') throw error
    const { name } = error.detail
    if (!earlier.some(one => one.name instanceof Sym && one.name.name === name)) throw error
    const hint = `let binds all its names at once: use let* so that \`${name}\` is the one beside it`
    throw new SxError(error.code, error.message, { ...error.detail, hint }, error)
  }
}

export const letForm: Walk = (x, form, scope) => {
  const named = form[1] instanceof Sym
  const at = named ? 2 : 1
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, at)
  if (isFlat) warnParallel(x, bindings)
  const outer = named ? new Scope(scope) : scope
  const name = named ? [x.bind(form[1], outer, form, 1)] : []
  const inner = new Scope(outer)
  const drafts = x.inside(list, () => {
    const inits = bindings.map((one, i) =>
      parallelInit(bindings.slice(0, i), () => x.expression(one.init, scope, one.list, one.at + 1)),
    )
    return bindings.map((one, i) => [x.bind(one.name, inner, one.list, one.at), inits[i]!] as const)
  })
  return [headOf(form), ...name, rebuilt(isFlat, drafts), ...expandBody(x, form, at + 1, inner)]
}

export const letStar: Walk = (x, form, scope) => {
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, 1)
  let inner = scope
  const drafts = x.inside(list, () =>
    bindings.map(one => {
      const init = x.expression(one.init, inner, one.list, one.at + 1)
      inner = new Scope(inner)
      return [x.bind(one.name, inner, one.list, one.at), init] as const
    }),
  )
  return [headOf(form), rebuilt(isFlat, drafts), ...expandBody(x, form, 2, inner)]
}

export const letrec: Walk = (x, form, scope) => {
  const { flat: isFlat, list, bindings } = bindingsOf(x, form, 1)
  const inner = new Scope(scope)
  const names = bindings.map(one => x.bind(one.name, inner, one.list, one.at))
  const drafts = x.inside(list, () =>
    bindings.map((one, i) => [names[i]!, x.expression(one.init, inner, one.list, one.at + 1)] as const),
  )
  return [headOf(form), rebuilt(isFlat, drafts), ...expandBody(x, form, 2, inner)]
}
