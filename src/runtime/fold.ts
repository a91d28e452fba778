// Markup that never changes is handed to the sink as a whole: a server renders it once.
import { isList, Keyword, Sym, type Value } from '../lang/values.ts'
import { tags } from '../lang/words.ts'
import { isRewritten } from './attributes.ts'
import { type Code, code } from './code.ts'

const isSpecial = /^(?:title|meta|link|script|style)$/

const isAtom = (form: Value): boolean => form === null || typeof form !== 'object' || form instanceof Keyword

const known = new WeakMap<object, boolean>()

const isFixed = (form: Value): boolean => {
  if (!isList(form) || form.length === 0) return isAtom(form)
  const before = known.get(form)
  if (before !== undefined) return before
  const [head, ...args] = form
  const fixed =
    head instanceof Sym &&
    tags.has(head.name) &&
    !isSpecial.test(head.name) &&
    args.every((arg, i) => {
      const key = args[i - 1]
      // An attribute's value, or the keyword of one that the page's place changes.
      if (key instanceof Keyword) return isAtom(arg)
      return arg instanceof Keyword ? !isRewritten(arg.name) : isFixed(arg)
    })
  known.set(form, fixed)
  return fixed
}

/** Markup that is the same every time, in every environment: a sink that can keeps what it came to the first time. */
export const folded = (form: Value, c: Code): Code =>
  // A fragment may begin with a line feed, which `pre` takes for its own.
  isList(form) && form.length > 0 && isFixed(form) && (form[0] as Sym).name !== '<>'
    ? code(c.level!, (env, m, d) => (m.sink.fixed ? m.sink.fixed(c, m) : c(env, m, d)))
    : c
