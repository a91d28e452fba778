// Which items of a written list belong on one line when the list is broken, and how the forms inside it are laid out.
import type { Bracketed, Item, Prefixed, Word } from './format-tree.ts'
import { beside } from './printer.ts'

/**
 * `call`: head and arguments; `data`: items below each other; `pairs`: flat bindings; `binding`: `(name value)`;
 * `parameters`: as many on a line as there is room for.
 */
export type Style = 'call' | 'data' | 'pairs' | 'binding' | 'parameters'

/** `head`: in the first row; `start`: begins a row; `value`: of a keyword or key; `result`: of a test. */
export type Role = 'head' | 'start' | 'value' | 'result'

export interface Shape {
  /** lines are indented by two, as arguments are; otherwise items stand below the first */
  readonly isCall: boolean
  /** a row begins a line only where there is no room */
  readonly isFilled: boolean
  readonly roles: readonly Role[]
  /** of each item */
  readonly styles: readonly Style[]
}

const isKeyword = (item: Item | undefined): boolean => item?.kind === 'atom' && item.text.startsWith(':')
const isSymbol = (item: Item | undefined): item is Word =>
  item?.kind === 'atom' && !/^(?:[":#@]|-?[0-9]|(?:true|false|nil)$)/.test(item.text)
const isElse = (item: Item | undefined): boolean =>
  item?.kind === 'atom' && (item.text === 'else' || item.text === ':else')
/** What reads as a list: `'x` does. */
const isList = (item: Item | undefined): boolean =>
  item?.kind === 'prefixed' || (item?.kind === 'list' && item.open !== '{')
const isClause = (item: Item): boolean =>
  item.kind === 'prefixed' || (item.kind === 'list' && item.open !== '{' && item.items.length > 0)

/** Has `cond` or `case` flat pairs behind its first row? The language's own rule: shape.ts. */
const hasPairs = (name: string, operands: readonly Item[]): boolean => {
  if (name === 'cond') return !operands.every(isClause)
  if (name !== 'case') return false
  return !operands.every(
    one => one.kind === 'list' && isClause(one) && (isList(one.items[0]) || isElse(one.items[0])),
  )
}

const isMarker = (item: Item | undefined): boolean =>
  item?.kind === 'atom' && (item.text === '&key' || item.text === '&rest')

const rolesOf = (items: readonly Item[], name: string | undefined, style: Style, open: string): Role[] => {
  if (open === '{' || style === 'pairs') return items.map((_, i) => (i % 2 === 1 ? 'value' : 'start'))
  if (style === 'parameters') return items.map((_, i) => (isMarker(items[i - 1]) ? 'value' : 'start'))
  // A named let keeps its name and its bindings.
  const named = name === 'let' && isSymbol(items[1]) ? 1 : 0
  const head = style === 'binding' ? 2 : name === undefined ? 0 : 1 + (beside.get(name) ?? 0) + named
  const paired = name !== undefined && hasPairs(name, items.slice(head))
  const roles: Role[] = []
  for (let i = 0; i < items.length; i++) {
    const before = items[i - 1]
    if (i < head) roles.push('head')
    else if (roles[i - 1] !== 'start') roles.push('start')
    else if (paired) roles.push('result')
    else roles.push(isKeyword(before) && i > 0 ? 'value' : 'start')
  }
  return roles
}

const lets: ReadonlySet<string> = new Set(['let', 'let*', 'letrec'])
const choices: ReadonlyMap<string, number> = new Map([
  ['cond', 1],
  ['case', 2],
  ['match', 2],
])
/** Where a form has its parameters. */
const parameters: ReadonlyMap<string, number> = new Map([
  ['fn', 1],
  ['lambda', 1],
  ['defcomp', 2],
  ['defisland', 2],
  ['defmacro', 2],
  ['defhandler', 2],
  ['defquery', 2],
  ['defaction', 2],
])

/** Parameters, bindings and clauses are no calls, whatever symbol they begin with. */
const styleIn = (name: string, items: readonly Item[], i: number): Style => {
  const item = items[i]!
  if (lets.has(name) && i === (name === 'let' && isSymbol(items[1]) ? 2 : 1))
    return item.kind === 'list' && isSymbol(item.items[0]) ? 'pairs' : 'data'
  if (parameters.get(name) === i) return 'parameters'
  // A definition without a name.
  if ((name === 'defcomp' || name === 'defisland') && i === 1) return 'parameters'
  if (i >= (choices.get(name) ?? Number.POSITIVE_INFINITY) && isClause(item) && item.kind === 'list')
    return isSymbol(item.items[0]) && !isElse(item.items[0]) ? 'call' : 'data'
  return 'call'
}

const shapes = new WeakMap<Bracketed, Shape>()

/** A list always stands in one place, so its style is always the same. */
export const shapeOf = (list: Bracketed, style: Style): Shape => {
  let shape = shapes.get(list)
  if (shape === undefined) {
    const { open, items } = list
    const isCall = open !== '{' && style === 'call' && isSymbol(items[0])
    const name = isCall ? (items[0] as Word).text : undefined
    const isBindings = style === 'data' && items.every(one => one.kind === 'list' && one.items.length === 2)
    shape = {
      isCall: isCall || style === 'binding',
      isFilled: style === 'parameters',
      roles: rolesOf(items, name, style, open),
      styles: items.map((_, i) =>
        name !== undefined ? styleIn(name, items, i) : isBindings ? 'binding' : 'call',
      ),
    }
    shapes.set(list, shape)
  }
  return shape
}

/** How the form behind a prefix is laid out. */
export const styleBehind = ({ prefix }: Prefixed): Style =>
  prefix === "'" || prefix === "#'" ? 'data' : 'call'
