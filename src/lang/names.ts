// What may be a symbol or a keyword: the reader, the printer and the block decoder all ask here (format §1).
// It goes to the browser, so it is two patterns and nothing else.

/** One code point that symbols and keywords are made of: letters, marks and digits of any script, dashes, `~/:?!*+<>=_.%&^`. */
const word = String.raw`[\p{L}\p{M}\p{N}\p{Pd}~/:?!*+<>=_.%&^]`

const symbolName = new RegExp(
  String.raw`^(?![\p{N}\p{M}:]|[+-]?\.?[0-9]|(?:true|false|nil)$)${word}+(?:#(?:0|[1-9][0-9]*))?$`,
  'u',
)
const keywordName = new RegExp(String.raw`^(?!\p{M})${word}+$`, 'u')
const wordPoint = new RegExp(`^${word}$`, 'u')

/**
 * The text reads as one symbol. Not so: `12`, `+5`, `.5` (they start like numbers), `a b`, `:a`, `true`, `nil`, ``.
 * A stored hygienic name (`x#3`) is one.
 */
export const isSymbolName = (text: string): boolean => symbolName.test(text)

/** `:` and this text read as one keyword. Keywords may start with a digit (`:2xl`). */
export const isPlainKeyword = (text: string): boolean => keywordName.test(text)

/** The code point (as a string) may stand inside a symbol. */
export const isWordPoint = (point: string): boolean => wordPoint.test(point)
