// Values → SX text that reads back as the same value: on one line, and laid out for people.
import { atom, depthLimit, keysOf, keyText, sugarOf, unprintable } from './atoms.ts'
import { type Dict, isDict, isList, Keyword, type List, Sym, type Value } from './values.ts'

/**
 * One line; `read(print(v))` equals `v`. Throws SxError 'value-not-storable' for what no text stands for: numbers
 * that are not storable, lone surrogates, marked or ill-named symbols, references without a CID, more than 512 levels.
 */
export const print = (value: Value): string => {
  const out: string[] = []
  printInto(out, value, depthLimit)
  return out.join('')
}

const printInto = (out: string[], value: Value, depth: number): void => {
  if (typeof value !== 'object' || value === null || !(isList(value) || isDict(value))) {
    out.push(atom(value))
    return
  }
  if (depth === 0) throw unprintable(`a value nested deeper than ${depthLimit}`)
  if (isDict(value)) {
    let before = '{'
    for (const key of keysOf(value)) {
      out.push(before, keyText(key), ' ')
      printInto(out, value.get(key)!, depth - 1)
      before = ' '
    }
    out.push(value.size === 0 ? '{}' : '}')
    return
  }
  const sugar = sugarOf(value)
  if (sugar !== undefined) {
    out.push(sugar)
    printInto(out, value[1]!, depth - 1)
    return
  }
  out.push('(')
  for (let i = 0; i < value.length; i++) {
    if (i > 0) out.push(' ')
    printInto(out, value[i]!, depth - 1)
  }
  out.push(')')
}

/** How many of a form's arguments stay beside its head when its lines break; the rest is a body, indented by two. */
export const beside: ReadonlyMap<string, number> = new Map(
  Object.entries({
    define: 1,
    defstyle: 1,
    deftype: 1,
    defeffect: 1,
    defcomp: 2,
    defisland: 2,
    defmacro: 2,
    defhandler: 2,
    defquery: 2,
    defaction: 2,
    defpage: 1,
    'define-library': 1,
    fn: 1,
    lambda: 1,
    let: 1,
    'let*': 1,
    letrec: 1,
    when: 1,
    if: 1,
    case: 1,
    match: 1,
    scope: 1,
    provide: 2,
    guard: 1,
    reset: 0,
    shift: 1,
    '->': 1,
    do: 0,
    begin: 0,
    cond: 0,
    and: 0,
    or: 0,
  }),
)

/** Forms whose arguments (after those beside the head) are pairs of a test and a result. */
const paired: ReadonlySet<string> = new Set(['cond', 'case', 'match'])

/**
 * Lines of at most `width` columns where single words allow it; a keyword stays on the line of its value. Reads back
 * as the same value. Throws as `print` does.
 */
export const pretty = (value: Value, width = 80): string => {
  const out: string[] = []
  layout(value, { out, width }, 0, 0, depthLimit)
  return out.join('')
}

interface Page {
  readonly out: string[]
  readonly width: number
}

/** Writes from `column` on and leaves room for `after` closing brackets. */
const layout = (value: Value, page: Page, column: number, after: number, depth: number): void => {
  const size = isDict(value) ? value.size : isList(value) ? value.length : undefined
  if (size !== undefined && depth === 0) throw unprintable(`a value nested deeper than ${depthLimit}`)
  if (!size || !(isList(value) || isDict(value))) {
    printInto(page.out, value, 1)
    return
  }
  const flat = printWithin(value, page.width - column - after, depth)
  if (flat !== undefined) page.out.push(flat)
  else if (isDict(value)) layoutDict(value, page, column, after, depth - 1)
  else layoutList(value, page, column, after, depth - 1)
}

const layoutDict = (dict: Dict, page: Page, column: number, after: number, depth: number): void => {
  let left = dict.size
  let before = '{'
  for (const key of keysOf(dict)) {
    const text = keyText(key)
    page.out.push(before, text, ' ')
    layout(dict.get(key)!, page, column + text.length + 2, --left === 0 ? after + 1 : 0, depth)
    before = newline(column + 1)
  }
  page.out.push('}')
}

const layoutList = (list: List, page: Page, column: number, after: number, depth: number): void => {
  const sugar = sugarOf(list)
  if (sugar !== undefined) {
    page.out.push(sugar)
    layout(list[1]!, page, column + sugar.length, after, depth)
    return
  }
  page.out.push('(')
  // A call's arguments are indented by two; data stands below its first element.
  const indent = list[0] instanceof Sym ? column + 2 : column + 1
  const rows = rowsOf(list)
  let at = column + 1
  let onHead = true
  for (const [number, row] of rows.entries()) {
    const isLast = number === rows.length - 1
    const width = rowWidth(row, page.width - at - (isLast ? after + 2 : 1), depth)
    // Attributes stay beside the head as long as they fit.
    onHead = number === 0 || (onHead && row[0] instanceof Keyword && row.length === 2 && width !== undefined)
    if (number > 0) {
      page.out.push(onHead ? ' ' : newline(indent))
      at = onHead ? at + 1 : indent
    }
    at = layoutRow(row, page, at, indent + 2, isLast ? after + 1 : 0, depth, number > 0)
  }
  page.out.push(')')
}

/** One row from column `at`; what does not fit beside the first goes to a line of its own. Returns the column reached. */
const layoutRow = (
  row: readonly Value[],
  page: Page,
  at: number,
  indent: number,
  after: number,
  depth: number,
  mayBreak: boolean,
): number => {
  for (const [i, one] of row.entries()) {
    const room = i === row.length - 1 ? after : 0
    if (i > 0) {
      const breaks =
        mayBreak &&
        !(row[i - 1] instanceof Keyword) &&
        rowWidth([one], page.width - at - 1 - room, depth) === undefined
      page.out.push(breaks ? newline(indent) : ' ')
      at = breaks ? indent : at + 1
    }
    layout(one, page, at, room, depth)
    at += rowWidth([one], page.width, depth) ?? page.width
  }
  return at
}

/** What stands on one line: the head with what stays beside it, then keyword and value, test and result, or one form. */
const rowsOf = (list: List): (readonly Value[])[] => {
  const head = list[0]!
  if (!(head instanceof Sym)) return pairs(list, 0, false)
  let first = 1 + (beside.get(head.name) ?? 0)
  // A named let keeps its name and its bindings.
  if (head.name === 'let' && list[1] instanceof Sym) first++
  const isPaired = paired.has(head.name) && (list.length - first) % 2 === 0
  return [list.slice(0, first), ...pairs(list, first, isPaired)]
}

const pairs = (list: List, from: number, all: boolean): (readonly Value[])[] => {
  const rows: (readonly Value[])[] = []
  for (let i = from; i < list.length; i++) {
    if (i + 1 < list.length && (all || list[i] instanceof Keyword)) rows.push([list[i]!, list[++i]!])
    else rows.push([list[i]!])
  }
  return rows
}

const newline = (column: number): string => `\n${' '.repeat(column)}`

const rowWidth = (row: readonly Value[], limit: number, depth: number): number | undefined => {
  let width = row.length - 1
  for (const one of row) {
    const text = printWithin(one, limit - width, depth)
    if (text === undefined) return undefined
    width += text.length
  }
  return width
}

/** The one-line text, unless it is longer than `limit`; gives up as soon as that is known. */
const printWithin = (value: Value, limit: number, depth: number): string | undefined => {
  const out: string[] = []
  return fill(out, value, limit, depth) < 0 ? undefined : out.join('')
}

/** Prints into `out` and returns what is left of `limit`, negative when it did not fit. */
const fill = (out: string[], value: Value, limit: number, depth: number): number => {
  const put = (text: string) => {
    out.push(text)
    limit -= text.length
  }
  if (limit <= 0) return -1
  if (typeof value !== 'object' || value === null || !(isList(value) || isDict(value))) {
    put(atom(value))
    return limit
  }
  if (depth === 0) return -1
  const sugar = isList(value) ? sugarOf(value) : undefined
  if (sugar !== undefined) {
    put(sugar)
    return fill(out, (value as List)[1]!, limit, depth - 1)
  }
  put(isList(value) ? '(' : '{')
  let between = ''
  for (const key of isList(value) ? value.keys() : keysOf(value)) {
    put(between)
    if (isDict(value)) put(`${keyText(key as string)} `)
    limit = fill(out, isDict(value) ? value.get(key as string)! : value[key as number]!, limit, depth - 1)
    if (limit < 0) return -1
    between = ' '
  }
  put(isList(value) ? ')' : '}')
  return limit
}
