// A source file → the definitions, the library, the pages and the annotations that it holds (format §2, sources).
import { type Place, SxError } from '../errors.ts'
import { isSymbolName } from '../lang/names.ts'
import type { Source } from '../lang/reader.ts'
import { isList, type List, Sym } from '../lang/values.ts'
import { type Definition, definingWords, failAt, readDefinition, topPlace } from './definition.ts'
import { type LibrarySource, readClientFile, readLibrary } from './libraries.ts'
import { type PageSource, readPage } from './pages.ts'

/** `deftype` or `defeffect`: nothing but an annotation, no block. */
export interface Declaration {
  readonly kind: 'type' | 'effect'
  readonly name: string
  readonly form: List
  readonly source: Source
  readonly index: number
}

export interface Collected {
  readonly definitions: readonly Definition[]
  readonly library: LibrarySource | undefined
  readonly pages: readonly PageSource[]
  readonly declarations: readonly Declaration[]
  /** all that is wrong with the file, each with a place */
  readonly errors: readonly SxError[]
  /** names of definitions that could not be read: they exist, and whoever refers to them is not to blame */
  readonly broken: readonly string[]
}

/**
 * A file's path as a name: folders that begin with `_` are left out, so is `.sx`.
 * `geography/cek/_islands/demo.sx` → `geography/cek/demo`.
 */
export const pathName = (path: string): string => {
  const parts = path.normalize('NFC').split('/')
  const file = (parts.pop() as string).replace(/\.sx$/, '')
  return [...parts.filter(part => !part.startsWith('_')), file].join('/')
}

const unnamedFrom = (source: Source, path: string, index: number): string => {
  const name = '~' + pathName(path)
  if (!isSymbolName(name) || name.includes('#'))
    failAt(
      source,
      'not-a-definition',
      `no name can be made of the path ${path}`,
      source.forms,
      index,
      'name the definition, or rename the file',
    )
  return name
}

const readDeclaration = (source: Source, index: number): Declaration => {
  const form = source.forms[index] as List
  const name = form[1]
  if (!(name instanceof Sym))
    return failAt(source, 'syntax-form', 'a type or an effect needs a name', form, 1)
  return {
    kind: (form[0] as Sym).name === 'deftype' ? 'type' : 'effect',
    name: name.name,
    form,
    source,
    index,
  }
}

export const duplicateName = (what: string, place: Place, first: Place, name: string): SxError =>
  new SxError('duplicate-name', `${what} is defined twice`, {
    place,
    related: [{ note: 'first defined here', place: first }],
    hint: 'rename one of them',
    name,
  })

/** What a file holds. `path` is relative to the source folder, with `/`. Throws nothing: see `errors`. */
export const collect = (source: Source, path: string): Collected => {
  const definitions: Definition[] = []
  const pages: PageSource[] = []
  const declarations: Declaration[] = []
  const errors: SxError[] = []
  const broken: string[] = []
  let library: LibrarySource | undefined
  const heads = source.forms.map(form => (isList(form) && form[0] instanceof Sym ? form[0].name : undefined))
  const libraryAt = heads.indexOf('define-library')

  if (libraryAt >= 0) {
    library = readLibrary(source, libraryAt, errors)
    source.forms.forEach((_, i) => {
      if (i !== libraryAt)
        errors.push(notADefinition(source, i, 'a file that defines a library holds nothing else'))
    })
  } else if (source.client) {
    const name = pathName(path)
    if (!isSymbolName(name) || name.includes('#'))
      errors.push(notADefinition(source, 0, `no name can be made of the path ${path}`))
    library = readClientFile(source, name, errors)
  } else {
    let unnamed: number | undefined
    heads.forEach((head, index) => {
      try {
        if (head === 'defpage') pages.push(readPage(source, index))
        else if (head === 'deftype' || head === 'defeffect') declarations.push(readDeclaration(source, index))
        else if (head !== undefined && definingWords.has(head))
          definitions.push(
            readDefinition(source, index, () => {
              const name = unnamedFrom(source, path, index)
              if (unnamed !== undefined)
                throw duplicateName(
                  `the unnamed definition ${name} of this file`,
                  topPlace(source, index),
                  topPlace(source, unnamed),
                  name,
                )
              unnamed = index
              return name
            }),
          )
        else if (head === 'sxbc') errors.push(compiledElsewhere('this form', topPlace(source, index)))
        else
          errors.push(
            notADefinition(
              source,
              index,
              head === 'import'
                ? 'import stands only inside define-library'
                : head === 'deftest' || head === 'defsuite'
                  ? 'tests stand in files named *.test.sx'
                  : 'a source file holds definitions only',
            ),
          )
      } catch (error) {
        if (!(error instanceof SxError)) throw error
        errors.push(error)
        const name = nameIn(source.forms[index] as List)
        if (name !== undefined && head !== 'defpage') broken.push(name)
      }
    })
  }
  return { definitions, library, pages, declarations, errors, broken }
}

const nameIn = (form: List): string | undefined => {
  const target = isList(form[1]) ? form[1][0] : form[1]
  return target instanceof Sym ? target.name : undefined
}

/** `(sxbc 1 "source hash" (code …))`, or a file of that kind. */
export const compiledElsewhere = (what: string, place: Place): SxError =>
  new SxError(
    'not-a-definition',
    `${what} is a library that SX's own compiler has made, and nothing here runs it`,
    {
      place,
      hint: 'put the library’s source, its .sx file, in its place; the hash in it names that source',
    },
  )

const notADefinition = (source: Source, index: number, message: string): SxError =>
  new SxError('not-a-definition', message, {
    place: topPlace(source, index),
    hint: message.startsWith('import')
      ? 'site definitions see the exports of every library without it'
      : message.startsWith('tests')
        ? 'move it there; `sx test` runs it'
        : 'write (define name …), (defcomp ~name (…) …) or another definition',
  })
