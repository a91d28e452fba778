// A program that still shows something, made smaller until no smaller one does.
import { print } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'
import { isDict, isList, Sym, sym, type Value } from '../../src/lang/values.ts'

export interface Program {
  readonly definitions: Readonly<Record<string, string>>
  readonly page: string
}

interface Forms {
  readonly files: Readonly<Record<string, readonly Value[]>>
  readonly page: Value
}

const atoms: readonly Value[] = [null, 1, 'a', true, []]

/** What may stand in a form's place, smallest first: a part of it, something plain, the form without one of its items. */
function* smaller(form: Value): Generator<Value> {
  if (isDict(form)) {
    for (const value of form.values()) yield value
    for (const key of form.keys()) yield new Map([...form].filter(([other]) => other !== key))
    for (const [key, value] of form) for (const less of smaller(value)) yield new Map([...form, [key, less]])
  } else if (isList(form)) {
    if (form.length === 0) return
    for (const atom of atoms) if (!isList(atom) || form.length > 0) yield atom
    for (const item of form) if (isList(item) || !(item instanceof Sym)) yield item
    for (let i = form.length - 1; i > 0; i--) yield form.toSpliced(i, 1)
    if (isList(form[0])) yield form.slice(1)
    for (const [i, item] of form.entries()) for (const less of smaller(item)) yield form.with(i, less)
  } else if (typeof form === 'string' && form !== '' && form !== 'a') {
    yield 'a'
  } else if (typeof form === 'number' && form !== 1) yield 1
  else if (typeof form === 'object' && form !== null && !(form instanceof Sym)) yield 1
  else if (form instanceof Sym && form.name.length > 1) yield sym('x')
}

function* smallerForms({ files, page }: Forms): Generator<Forms> {
  for (const [file, forms] of Object.entries(files)) {
    yield { files: Object.fromEntries(Object.entries(files).filter(([other]) => other !== file)), page }
    for (const i of forms.keys()) yield { files: { ...files, [file]: forms.toSpliced(i, 1) }, page }
  }
  for (const less of smaller(page)) yield { files, page: less }
  for (const [file, forms] of Object.entries(files))
    for (const [i, form] of forms.entries())
      for (const less of smaller(form)) yield { files: { ...files, [file]: forms.with(i, less) }, page }
}

const formsOf = ({ definitions, page }: Program): Forms => ({
  files: Object.fromEntries(Object.entries(definitions).map(([file, text]) => [file, read(text).forms])),
  page: read(page).forms[0]!,
})

const programOf = ({ files, page }: Forms): Program => ({
  definitions: Object.fromEntries(
    Object.entries(files).map(([file, forms]) => [file, forms.map(print).join('\n')]),
  ),
  page: print(page),
})

const sizeOf = ({ definitions, page }: Program): number =>
  Object.values(definitions).join('').length + page.length

/** `shows` is asked at most `tries` times. */
export const shrink = async (
  program: Program,
  shows: (smaller: Program) => Promise<boolean>,
  tries = 4000,
): Promise<Program> => {
  let found = program
  let left = tries
  for (;;) {
    let next: Program | undefined
    for (const forms of smallerForms(formsOf(found))) {
      let candidate: Program
      try {
        candidate = programOf(forms)
      } catch {
        continue
      }
      if (sizeOf(candidate) >= sizeOf(found)) continue
      if (left-- <= 0) return found
      if (await shows(candidate).catch(() => false)) {
        next = candidate
        break
      }
    }
    if (next === undefined) return found
    found = next
  }
}
