// Comments that mean something: documentation above a definition, and the mark of a client library.

/** The first line of the text that is not blank says `;; @client`. */
export const isClient = (text: string): boolean => /^\s*;+[ \t]*@client[ \t]*(?:\n|$)/.test(text)

/**
 * The comment lines directly above top-level form number `index`, without `;` and one space. `spans` holds start and
 * end of each form; a line inside the form before is none of this one's comment, whatever it looks like.
 */
export const commentAbove = (text: string, spans: readonly number[], index: number): string => {
  const start = spans[index * 2]
  if (start === undefined) return ''
  const floor = index === 0 ? 0 : spans[index * 2 - 1]!
  let lineStart = text.lastIndexOf('\n', start - 1) + 1
  if (start === 0 || lineStart < floor || text.slice(lineStart, start).trim() !== '') return ''
  const lines: string[] = []
  while (lineStart > floor) {
    const end = lineStart - 1
    lineStart = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1
    if (lineStart < floor) break
    const found = /^[ \t]*;+ ?(.*)$/.exec(text.slice(lineStart, end))
    if (found === null || isClient(text.slice(lineStart, end))) break
    lines.unshift(found[1]!.trimEnd())
  }
  return lines.join('\n').trim()
}
