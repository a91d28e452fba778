// A text's forms taken apart and put together anew, with places where their author wrote them.
import type { Place } from '../errors.ts'
import type { Source } from './reader.ts'
import type { List, Value } from './values.ts'

/** Some of a source's top-level forms, by index. */
export const pickForms = (source: Source, indexes: readonly number[]): Source => {
  const forms = indexes.map(index => source.forms[index]!)
  return {
    ...source,
    forms,
    placeOf: (form, index) => {
      if (form !== forms) return source.placeOf(form, index)
      const at = index === undefined ? undefined : indexes[index]
      return at === undefined ? undefined : source.placeOf(source.forms, at)
    },
    commentAbove: index => source.commentAbove(indexes[index] ?? -1),
    client: source.client && indexes.length === source.forms.length,
  }
}

/**
 * One form that was made, over what an author wrote: `origin` says which written form a made one stands for, `place` is
 * of the whole.
 */
export const madeSource = (
  source: Source,
  form: List,
  place: Place | undefined,
  origin: (form: Value) => Value | undefined = () => undefined,
): Source => {
  const forms = [form]
  return {
    ...source,
    forms,
    placeOf: (at, index) => {
      if (at === forms || at === form) return place
      const written = origin(at)
      // A made form's parts may stand elsewhere; they have places of their own where they are lists.
      return written === undefined
        ? source.placeOf(at, index)
        : (source.placeOf(written, index) ?? source.placeOf(written))
    },
    commentAbove: () => '',
    client: false,
  }
}
