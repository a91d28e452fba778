// What a client sends to a query, an action or a handler → values of the declared parameters, or a 400 that says which.
import { SxError } from '../errors.ts'
import { isPlainKeyword } from '../lang/names.ts'
import { print } from '../lang/printer.ts'
import { keywordOf, parameterName } from '../lang/shape.ts'
import { isList, Keyword, type List } from '../lang/values.ts'
import { cross } from '../runtime/boundary.ts'
import type { RuntimeValue } from '../runtime/values.ts'

/** Arguments of one request: beyond, it is an attack. */
const MOST = 256
/** Characters of a name that an error repeats. */
const SHOWN = 40

export interface Parameter {
  readonly name: string
  /** undefined: any data */
  readonly type: string | undefined
  readonly optional: boolean
  readonly key: boolean
}

/** Of a stored definition. `&rest` takes nothing over HTTP. */
export const parametersOf = (params: List): readonly Parameter[] => {
  const found: Parameter[] = []
  let mode = ''
  for (const item of params) {
    const symbol = parameterName(item)?.name
    const name = symbol === undefined ? undefined : keywordOf(symbol)
    if (name === undefined) continue
    if (name === '&key' || name === '&rest') mode = name
    else if (mode !== '&rest') {
      const declared = isList(item) && item[2] !== undefined ? print(item[2]) : undefined
      const type = declared?.replace(/\?$/, '')
      found.push({
        name,
        type: type === undefined || type === 'any' ? undefined : type,
        optional: declared === undefined ? mode === '&key' : declared.endsWith('?'),
        key: mode === '&key',
      })
    }
  }
  return found
}

const invalid = (message: string): never => {
  throw new SxError('request-invalid', message)
}

const wrong = ({ name, type }: Parameter): never => invalid(`the argument ${name} is no ${type}`)

const number = (text: string): number | undefined => {
  const value = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Data of a JSON text. Throws 'request-invalid'. */
export const fromJson = (text: string): RuntimeValue => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return invalid('that is no JSON')
  }
  try {
    return cross('request', json)
  } catch {
    return invalid('that JSON is too deep or too long')
  }
}

/** What texts of a query string or a form mean for a parameter. */
const fromTexts = (p: Parameter, texts: readonly string[]): RuntimeValue => {
  if (p.type === 'list') return texts
  if (texts.length > 1) invalid(`the argument ${p.name} is given ${texts.length} times`)
  const text = texts[0]!
  switch (p.type) {
    case 'number':
    case 'integer':
      return number(text) ?? wrong(p)
    case 'boolean':
      return text === 'true' || text === 'on' ? true : text === 'false' ? false : wrong(p)
    case 'dict':
      return fromJson(text)
    case 'keyword':
      return isPlainKeyword(text) ? new Keyword(text) : wrong(p)
    default:
      return text
  }
}

const types: Readonly<Record<string, (v: unknown) => boolean>> = {
  string: v => typeof v === 'string',
  number: v => typeof v === 'number',
  integer: v => Number.isSafeInteger(v),
  boolean: v => typeof v === 'boolean',
  list: v => Array.isArray(v),
  dict: v => v instanceof Map,
  keyword: v => v instanceof Keyword,
}

const checked = (p: Parameter, given: RuntimeValue): RuntimeValue => {
  const value =
    p.type === 'keyword' && typeof given === 'string' && isPlainKeyword(given) ? new Keyword(given) : given
  if (value === null || value === undefined)
    return p.optional ? null : invalid(`the argument ${p.name} is missing`)
  // A type of the site's own says nothing that could be checked here.
  const is = p.type !== undefined && Object.hasOwn(types, p.type) ? types[p.type] : undefined
  return is === undefined || is(value) ? value : wrong(p)
}

/** One value for each parameter, in order. Throws 'request-invalid' for what is missing, unknown or of another type. */
export const bindArguments = (
  parameters: readonly Parameter[],
  given: ReadonlyMap<string, RuntimeValue>,
): readonly RuntimeValue[] => {
  for (const name of given.keys())
    if (!parameters.some(p => p.name === name))
      throw new SxError('request-invalid', `there is no argument ${JSON.stringify(name.slice(0, SHOWN))}`, {
        hint:
          parameters.length === 0 ? 'it takes none' : `it takes ${parameters.map(p => p.name).join(', ')}`,
      })
  return parameters.map(p => checked(p, given.get(p.name) ?? null))
}

/** A query string, or a body of `application/x-www-form-urlencoded`. `skip`: names that are not arguments. */
export const textArguments = (
  parameters: readonly Parameter[],
  search: URLSearchParams,
  skip: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, RuntimeValue> => {
  const texts = new Map<string, string[]>()
  let count = 0
  for (const [name, text] of search) {
    if (skip.has(name)) continue
    if (++count > MOST) invalid(`more than ${MOST} arguments`)
    const known = texts.get(name)
    if (known === undefined) texts.set(name, [text])
    else known.push(text)
  }
  const given = new Map<string, RuntimeValue>()
  for (const [name, all] of texts) {
    const p = parameters.find(one => one.name === name)
    given.set(name, p === undefined ? all[0] : fromTexts(p, all))
  }
  return given
}

/** A body of `application/json`: one object. */
export const jsonArguments = (text: string): ReadonlyMap<string, RuntimeValue> => {
  const data = fromJson(text === '' ? '{}' : text)
  return data instanceof Map ? data : invalid('the body is no JSON object')
}
