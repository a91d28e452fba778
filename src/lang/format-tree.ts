// A text as its author wrote it: brackets, tokens, comments and line ends, for the formatter. Only of texts that `read` took.
import {
  at,
  charEnd,
  close,
  hash,
  kinds,
  open,
  prefix,
  quoteMark,
  semicolon,
  space,
  wordEnd,
} from './characters.ts'

/** A comment to the end of its line (without it), or a form that `#;` drops. */
export type Trivia =
  | { readonly kind: 'comment'; readonly text: string; newline: boolean; blank: boolean }
  | { readonly kind: 'dropped'; readonly form: Prefixed; newline: boolean; blank: boolean }

interface Placed {
  /** what stands between the form before (or the bracket) and this one */
  before: readonly Trivia[]
  /** a line begins before it, and an empty line is above */
  newline: boolean
  blank: boolean
}

export interface Word extends Placed {
  readonly kind: 'atom'
  readonly text: string
}
export interface Bracketed extends Placed {
  readonly kind: 'list'
  readonly open: '(' | '[' | '{'
  readonly items: Item[]
  /** before the closing bracket */
  tail: readonly Trivia[]
}
/** `'x` and its kin; the dropped form of `#;x` too. */
export interface Prefixed extends Placed {
  readonly kind: 'prefixed'
  readonly prefix: string
  inner: Item | undefined
}
export type Item = Word | Bracketed | Prefixed

export const closers = { '(': ')', '[': ']', '{': '}' } as const

/** `text` as `read` has it: no BOM, LF only. */
export const treeOf = (text: string): Bracketed => {
  const root: Bracketed = {
    kind: 'list',
    open: '(',
    items: [],
    tail: [],
    before: [],
    newline: true,
    blank: false,
  }
  const stack: (Bracketed | Prefixed)[] = []
  let top: Bracketed | Prefixed = root
  let trivia: Trivia[] = []
  // Line ends since the last token; a text begins with a line. What follows a bracket or a prefix stays beside it.
  let lines = 1
  let opened = false
  let pos = 0

  const gap = () => {
    const found = { newline: lines > 0 && !opened, blank: lines > 1 && !opened }
    lines = 0
    opened = false
    return found
  }
  const placed = (): Placed => {
    const before = trivia
    trivia = []
    return { before, ...gap() }
  }
  /** A form is complete: it goes into what is open, and completes the prefixes before it. */
  const add = (item: Item): void => {
    let done = item
    for (;;) {
      if (top.kind === 'list') {
        top.items.push(done)
        return
      }
      top.inner = done
      const whole: Prefixed = top
      top = stack.pop()!
      if (whole.prefix === '#;') {
        // Trivia that stood before it comes first; it was taken when the prefix was met.
        const { newline, blank } = whole
        trivia = [...whole.before, { kind: 'dropped', form: { ...whole, before: [] }, newline, blank }]
        return
      }
      done = whole
    }
  }
  const begin = (text: string): void => {
    stack.push(top)
    top = { kind: 'prefixed', prefix: text, inner: undefined, ...placed() }
    opened = true
  }
  const atom = (end: number): void => {
    add({ kind: 'atom', text: text.slice(pos, end), ...placed() })
    pos = end
  }

  while (pos < text.length) {
    const unit = text.charCodeAt(pos)
    switch (unit < 128 ? kinds[unit] : 0) {
      case space:
        if (unit === 0x0a) lines++
        pos++
        break
      case semicolon: {
        const end = text.indexOf('\n', pos)
        const line = text.slice(pos, end === -1 ? text.length : end)
        trivia.push({ kind: 'comment', text: line.trimEnd(), ...gap() })
        pos += line.length
        break
      }
      case open: {
        stack.push(top)
        top = { kind: 'list', open: text[pos] as '(', items: [], tail: [], ...placed() }
        opened = true
        pos++
        break
      }
      case close: {
        const whole = top as Bracketed
        whole.tail = trivia
        trivia = []
        gap()
        top = stack.pop()!
        pos++
        add(whole)
        break
      }
      case quoteMark: {
        let end = pos + 1
        while (text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1
        atom(end + 1)
        break
      }
      case prefix: {
        const mark = unit === 0x2c && text[pos + 1] === '@' ? ',@' : text[pos]!
        begin(mark)
        pos += mark.length
        break
      }
      case hash: {
        const second = text[pos + 1]
        if (second === '|') atom(text.indexOf('|', pos + 2) + 1)
        else if (second === '\\') atom(charEnd(text, pos + 2))
        else {
          // `#;` and `#'` stand beside their form, a name before a blank.
          const named = second !== ';' && second !== "'"
          const end = named ? wordEnd(text, pos + 1) : pos + 2
          begin(text.slice(pos, end) + (named ? ' ' : ''))
          pos = end
        }
        break
      }
      case at: {
        link.lastIndex = pos
        link.test(text)
        atom(link.lastIndex)
        break
      }
      default:
        atom(wordEnd(text, pos))
    }
  }
  root.tail = trivia
  return root
}

/** To where a link's text must be delimited. */
const link = /[^\s()[\]{}"';`,]+/y
