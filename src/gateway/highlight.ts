// Printed SX as HTML: tokens with classes, links to definitions under the names that the site has for them.
import { pretty } from '../lang/printer.ts'
import { isDict, isList, Sym, type Value } from '../lang/values.ts'
import { replaceLinks, type Told } from './definition-text.ts'
import { escapeHtml } from './html.ts'

/** What a link is called on the page; undefined: its CID, shortened. */
export type NameOf = (cid: string) => string | undefined

// A link is printed under a stand-in, a symbol as wide as the name that will be shown, so that lines break where they
// would with the name. It is this letter and a number in letters; code that has such symbols itself keeps its links.
const MARK = 'ꙮ'
const token =
  /("(?:[^"\\]|\\[\s\S])*")|(;[^\n]*)|(:[^\s()[\]{}"';`,]+)|((?<![^\s()[\]{}"';`,@])ꙮ[a-z]+)|(?<=\()([^\s()[\]{}"';`,@]+)/g

export const shortCid = (cid: string): string => `${cid.slice(0, 8)}…${cid.slice(-4)}`

/** Escaped HTML for inside `<pre>`; links lead to `/sx/h/<cid>`. */
export function highlight(told: readonly Told[], nameOf: NameOf, width = 80): string {
  const shownAs = new Map<string, { readonly cid: string; readonly shown: string }>()
  const standIns = new Map<string, Sym>()
  const standIn = (cid: string, exported: string | undefined): Value => {
    const name = nameOf(cid)
    const shown =
      exported === undefined ? (name ?? `@h:${shortCid(cid)}`) : `${exported}@${name ?? shortCid(cid)}`
    let symbol = standIns.get(shown + cid)
    if (symbol === undefined) {
      symbol = new Sym(MARK + letters(standIns.size).padStart(shown.length - 1, 'a'))
      standIns.set(shown + cid, symbol)
      shownAs.set(symbol.name, { cid, shown })
    }
    return symbol
  }
  const printed = (form: Value): string => pretty(hasMark(form) ? form : replaceLinks(form, standIn), width)
  const text = told
    .map(({ notes, form }) => notes.map(note => `; ${note}\n`).join('') + printed(form))
    .join('\n\n')

  let html = ''
  let from = 0
  for (const match of text.matchAll(token)) {
    const [whole, string, comment, key, link] = match
    html += escapeHtml(text.slice(from, match.index))
    from = match.index + whole.length
    if (link !== undefined) html += anchor(link, shownAs.get(link))
    else if (comment !== undefined) html += `<span class="c">${linkCids(comment)}</span>`
    else
      html += `<span class="${string !== undefined ? 's' : key !== undefined ? 'k' : 'h'}">${escapeHtml(whole)}</span>`
  }
  return html + escapeHtml(text.slice(from))
}

const hasMark = (form: Value): boolean =>
  form instanceof Sym
    ? form.name.startsWith(MARK)
    : isList(form)
      ? form.some(hasMark)
      : isDict(form) && [...form.values()].some(hasMark)

/** 0 a, 25 z, 26 ba: with any number of `a` before it the same number, so stand-ins of unlike width stay apart. */
const letters = (n: number): string =>
  (n < 26 ? '' : letters(Math.floor(n / 26))) + String.fromCharCode(97 + (n % 26))

const anchor = (text: string, to: { readonly cid: string; readonly shown: string } | undefined): string =>
  to === undefined
    ? escapeHtml(text)
    : `<a href="/sx/h/${to.cid}?format=html" title="${to.cid}">${escapeHtml(to.shown)}</a>`

const linkCids = (comment: string): string =>
  escapeHtml(comment).replace(
    /@h:(b[a-z2-7]{58})/g,
    (_, cid: string) => `<a href="/sx/h/${cid}?format=html">@h:${shortCid(cid)}</a>`,
  )
