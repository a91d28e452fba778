// `defpage` → the route, the content and the metadata of one page. Nothing can refer to a page.
import type { Source } from '../lang/reader.ts'
import { Keyword, type List, Sym, type Value } from '../lang/values.ts'
import { failAt } from './definition.ts'

/** A page as an author wrote it. */
export interface PageSource {
  /** what follows `defpage`: for messages only */
  readonly name: string
  /** the pattern, such as `/posts/<slug>` */
  readonly path: string
  /** names in `<…>` of the pattern: bound in `body` and `meta` */
  readonly bound: readonly string[]
  readonly body: Value
  /** every other keyword and its form, without `path`, `content` and `paths` */
  readonly meta: ReadonlyMap<string, Value>
  /** what lists the instances at build, not part of the node */
  readonly paths: Value | undefined
  readonly form: List
  readonly source: Source
  readonly index: number
}

const parameter = /^<(\p{Ll}[\p{Ll}\p{N}-]*)>$/u
const literal = /^[A-Za-z0-9._~-]+$/

/** Names in `<…>` of a path. Calls `fail` with what is wrong when `path` is no pattern. */
export const patternParameters = (path: string, fail: (why: string) => never): readonly string[] => {
  if (!path.startsWith('/')) fail('does not start with "/"')
  if (path === '/') return []
  const names: string[] = []
  for (const segment of path.slice(1).split('/')) {
    const name = parameter.exec(segment)?.[1]
    if (name !== undefined) {
      if (names.includes(name)) fail(`names <${name}> twice`)
      names.push(name)
    } else if (!literal.test(segment) || segment === '.' || segment === '..')
      fail(segment === '' ? 'has an empty segment' : `has the segment "${segment}"`)
  }
  return names
}

/** `/posts/<slug>` and `/posts/<id>` are one route. */
export const routeOf = (path: string): string => path.replace(/<[^/]*>/g, '<>')

/** Throws 'page-invalid' with a place. */
export const readPage = (source: Source, index: number): PageSource => {
  const form = source.forms[index] as List
  const fail = (why: string, at: number, hint?: string): never =>
    failAt(source, 'page-invalid', why, form, at, hint)
  if (!(form[1] instanceof Sym))
    fail('a page needs a name', 1, '(defpage home :path "/" :title "Home" :content …)')
  const { name } = form[1] as Sym
  const given = new Map<string, Value>()
  for (let i = 2; i < form.length; i += 2) {
    const key = form[i]
    if (!(key instanceof Keyword)) return fail(`expected a keyword in the page ${name}`, i)
    if (i + 1 >= form.length) fail(`:${key.name} has no value`, i)
    if (given.has(key.name)) fail(`:${key.name} is given twice`, i)
    given.set(key.name, form[i + 1] as Value)
  }
  const path = given.get('path')
  const at = form.findIndex(item => item instanceof Keyword && item.name === 'path') + 1
  if (typeof path !== 'string')
    return fail(`the page ${name} needs a :path that is a string`, at || 1, ':path "/posts/<slug>"')
  const bound = patternParameters(path, why =>
    fail(`the path "${path}" ${why}`, at, 'a path looks like "/", "/market" or "/posts/<slug>"'),
  )
  const body = given.get('content')
  if (body === undefined) return fail(`the page ${name} has no :content`, 1)
  const paths = given.get('paths')
  for (const key of ['path', 'content', 'paths']) given.delete(key)
  return { name, path, bound, body, meta: given, paths, form, source, index }
}
