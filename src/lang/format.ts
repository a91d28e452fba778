// The one layout of SX text: indentation, spacing and line ends; every token and comment stays as it was written.
//
// A line that an author began stays one where a row may begin; what is then too wide is broken further. A list written
// on one line is broken, when it must be, as the printer would: its head and what belongs beside it, attributes as long
// as they fit, then a line for each argument or pair. What decides is in the tree, or a column that the result has too:
// so formatting twice changes nothing.
import { type Shape, type Style, shapeOf, styleBehind } from './format-shape.ts'
import { type Bracketed, closers, type Item, type Prefixed, type Trivia, treeOf } from './format-tree.ts'
import { read } from './reader.ts'

/** Columns. Single words and comments may be longer. */
export const formatWidth = 100

/** Reads as the same forms; ends with a line end unless it is empty. Throws as `read` does. */
export const format = (text: string, file?: string): string => {
  const page = createPage()
  topLevel(treeOf(read(text, file).text), page)
  return page.text()
}

interface Page {
  readonly column: () => number
  /** line ends so far */
  readonly lines: () => number
  write(text: string): void
  line(indent: number, blank: boolean): void
  text(): string
}

const createPage = (): Page => {
  const out: string[] = []
  let column = 0
  let lines = 0
  return {
    column: () => column,
    lines: () => lines,
    write: text => {
      out.push(text)
      const line = text.lastIndexOf('\n')
      if (line !== -1) lines++
      column = line === -1 ? column + text.length : text.length - line - 1
    },
    line: (indent, blank) => {
      out.push(blank ? '\n\n' : '\n', ' '.repeat(indent))
      lines++
      column = indent
    },
    text: () => out.join(''),
  }
}

const topLevel = ({ items, tail }: Bracketed, page: Page): void => {
  let before: 'nothing' | 'form' | 'comment' = 'nothing'
  const go = (newline: boolean, blank: boolean) => {
    if (before === 'nothing') return
    if (newline || before === 'comment') page.line(0, blank)
    else page.write(' ')
  }
  const trivia = (list: readonly Trivia[]) => {
    for (const one of list) {
      go(one.newline || one.kind === 'dropped', one.blank)
      writeOne(one, page)
      before = one.kind === 'comment' ? 'comment' : 'form'
    }
  }
  for (const item of items) {
    trivia(item.before)
    go(true, item.blank)
    layout(item, page, 0, 'call')
    before = 'form'
  }
  trivia(tail)
  if (before !== 'nothing') page.write('\n')
}

const writeOne = (one: Trivia, page: Page): void => {
  if (one.kind === 'comment') page.write(one.text)
  else layout(one.form, page, 0, 'call')
}

// Widths

const widths = new WeakMap<Item, { readonly width: number | undefined }>()

/** Columns on one line; undefined: it has lines of its own, or a comment. */
const widthOf = (item: Item, style: Style): number | undefined => {
  let known = widths.get(item)
  if (known === undefined) widths.set(item, (known = { width: measure(item, style) }))
  return known.width
}

const measure = (item: Item, style: Style): number | undefined => {
  if (item.kind === 'atom') return item.text.includes('\n') ? undefined : item.text.length
  if (item.kind === 'prefixed') {
    const inner = item.inner!
    return sum(prefixText(item).length, triviaWidth(inner.before), widthOf(inner, styleBehind(item)))
  }
  const shape = shapeOf(item, style)
  let width: number | undefined = sum(2 + Math.max(0, item.items.length - 1), triviaWidth(item.tail))
  item.items.forEach((one, i) => {
    const inner = breaksAt(item, i, shape) ? undefined : widthOf(one, shape.styles[i]!)
    width = sum(width, triviaWidth(one.before), inner)
  })
  return width
}

const triviaWidth = (list: readonly Trivia[]): number | undefined =>
  list.reduce<number | undefined>(
    (width, one) =>
      one.kind === 'comment' || one.newline ? undefined : sum(width, 1, widthOf(one.form, 'call')),
    0,
  )

const sum = (...parts: readonly (number | undefined)[]): number | undefined => {
  let all = 0
  for (const part of parts) {
    if (part === undefined) return undefined
    all += part
  }
  return all
}

/**
 * Is the line that an author began before item `i` kept? Where a row begins, and before a value or result that is no
 * single word; never in the first row.
 */
const breaksAt = ({ items }: Bracketed, i: number, { roles }: Shape): boolean => {
  const item = items[i]!
  if (i === 0 || !item.newline || roles[i] === 'head') return false
  return roles[i] !== 'value' || item.kind !== 'atom'
}

/** `,@h:…` would be splice-unquote. */
const prefixText = ({ prefix, inner }: Prefixed): string =>
  prefix === ',' && inner?.kind === 'atom' && inner.text.startsWith('@') ? ', ' : prefix

// Layout

/** Writes an item where the page is; `after` closing brackets must find room behind it. */
const layout = (item: Item, page: Page, after: number, style: Style): void => {
  const width = widthOf(item, style)
  if (item.kind === 'atom') page.write(item.text)
  else if (width !== undefined && page.column() + width + after <= formatWidth) flat(item, page, style)
  else if (item.kind === 'list') layoutList(item, page, after, style)
  else layoutPrefixed(item, page, after)
}

const layoutPrefixed = (item: Prefixed, page: Page, after: number): void => {
  const inner = item.inner!
  const column = page.column() + item.prefix.length
  page.write(prefixText(item))
  if (inner.before.length > 0) {
    if (writeTrivia(inner.before, page, column, false)) page.line(column, inner.blank)
    else page.write(' ')
  }
  layout(inner, page, after, styleBehind(item))
}

const flat = (item: Item, page: Page, style: Style): void => {
  if (item.kind === 'atom') {
    page.write(item.text)
    return
  }
  const trivia = (list: readonly Trivia[]) => {
    for (const one of list) {
      if (one.kind === 'dropped') flat(one.form, page, 'call')
      page.write(' ')
    }
  }
  if (item.kind === 'prefixed') {
    page.write(prefixText(item))
    trivia(item.inner!.before)
    flat(item.inner!, page, styleBehind(item))
    return
  }
  const { styles } = shapeOf(item, style)
  page.write(item.open)
  item.items.forEach((one, i) => {
    if (i > 0) page.write(' ')
    trivia(one.before)
    flat(one, page, styles[i]!)
  })
  item.tail.forEach((one, i) => {
    if (i > 0 || item.items.length > 0) page.write(' ')
    if (one.kind === 'dropped') flat(one.form, page, 'call')
  })
  page.write(closers[item.open])
}

/** `spaced`: something stands before it on the line that a space must part it from. True: a line must begin now. */
const writeTrivia = (list: readonly Trivia[], page: Page, indent: number, spaced: boolean): boolean => {
  let below = false
  for (const one of list) {
    if (below || (one.newline && spaced)) page.line(indent, one.blank)
    else if (spaced) page.write(' ')
    writeOne(one, page)
    below = one.kind === 'comment'
    spaced = true
  }
  return below
}

const layoutList = (list: Bracketed, page: Page, after: number, style: Style): void => {
  const { open, items, tail } = list
  const shape = shapeOf(list, style)
  const { isCall, isFilled, roles, styles } = shape
  const start = page.column()
  const indent = start + (isCall ? 2 : 1)
  const last = items.length - 1
  const room = (i: number): number => (i === last && tail.length === 0 ? after + 1 : 0)
  // Written on one line and too wide for it: rows decide. Otherwise the author did.
  const isCanonical = widthOf(list, style) !== undefined
  let onHead = true

  /** Columns of the row that begins with item i, as far as the first of it that has lines of its own. */
  const rowWidth = (i: number): number => {
    let width = 0
    for (let j = i; j <= last && (j === i || roles[j] === 'value'); j++) {
      const item = items[j]!
      const before = j > i ? sum(1, triviaWidth(item.before)) : 0
      if (before === undefined || breaksAt(list, j, shape)) break
      const own = widthOf(item, styles[j]!)
      width += before
      if (own === undefined) return item.kind === 'atom' ? width + item.text.indexOf('\n') : width
      width += own + room(j)
    }
    return width
  }
  const fits = (width: number | undefined): boolean | undefined =>
    width === undefined ? undefined : page.column() + 1 + width <= formatWidth
  /** Does the row that begins with item i hold a list that has lines of its own? */
  const hangs = (i: number): boolean => {
    for (let j = i; j <= last && (j === i || roles[j] === 'value'); j++)
      if (
        items[j]!.kind !== 'atom' &&
        ((j > i && breaksAt(list, j, shape)) || widthOf(items[j]!, styles[j]!) === undefined)
      )
        return true
    return false
  }
  const firstRow = roles.indexOf('start')
  // Whether the row before took several lines: what comes after it begins one.
  let rowBegan = page.lines()
  let tookLines = false
  const mustBreak = (i: number): boolean => {
    if (i === 0) return false
    if (breaksAt(list, i, shape)) return true
    if (roles[i] === 'result') return fits(sum(widthOf(items[i]!, styles[i]!), room(i))) === false
    if (roles[i] !== 'start') return false
    if (isFilled) return fits(rowWidth(i)) === false
    if (!isCanonical) {
      // What has lines of its own would hang far to the right, and a first list stand away from those below it.
      if (hangs(i) || tookLines) return true
      if (isCall && i === firstRow && items[i]!.kind === 'list') return true
      return fits(rowWidth(i)) === false
    }
    return !(isCall && onHead && roles[i + 1] === 'value' && fits(rowWidth(i)) === true)
  }

  page.write(open)
  items.forEach((item, i) => {
    if (roles[i] === 'start') tookLines = i > firstRow && page.lines() > rowBegan
    const deep = indent + (roles[i] === 'value' || roles[i] === 'result' ? 2 : 0)
    const below = writeTrivia(item.before, page, deep, i > 0)
    if (below || mustBreak(i)) {
      page.line(i === 0 ? start + 1 : deep, item.blank)
      if (roles[i] === 'start') onHead = false
    } else if (i > 0 || item.before.length > 0) page.write(' ')
    if (roles[i] === 'start') rowBegan = page.lines()
    layout(item, page, room(i), styles[i]!)
  })
  if (tail.length > 0 && writeTrivia(tail, page, indent, items.length > 0)) page.line(start, false)
  page.write(closers[open])
}
