// Printed SX as HTML: tokens with classes, links to definitions under the names that the site has for them.
import { pretty } from '../lang/printer.ts'
import { ExportLink, Link, type Value } from '../lang/values.ts'
import type { Told } from './definition-text.ts'
import { escapeHtml } from './html.ts'

/** What a link is called on the page; undefined: its CID, shortened. */
export type NameOf = (cid: string) => string | undefined

const token =
  /("(?:[^"\\]|\\[\s\S])*")|(;[^\n]*)|(:[^\s()[\]{}"';`,]+)|(@h:b[a-z2-7]+)|(?<=\()([^\s()[\]{}"';`,@]+)/g

export const shortCid = (cid: string): string => `${cid.slice(0, 8)}…${cid.slice(-4)}`

/** Escaped HTML for inside `<pre>`; links lead to `/sx/h/<cid>`. */
export function highlight(told: readonly Told[], nameOf: NameOf, width = 80): string {
  // Each link is printed as a stand-in, a link too, as wide as the name that will be shown: lines break where they
  // would with the name. The stand-in is a number in letters: `@h:ba`, `@h:bb`, … `@h:baaab`.
  const shownAs = new Map<string, { readonly cid: string; readonly shown: string }>()
  const standIns = new Map<string, Link>()
  const standIn = (cid: string, shown: string): Link => {
    const known = standIns.get(shown + cid)
    if (known !== undefined) return known
    const link = new Link('b' + letters(standIns.size).padStart(shown.length - 4, 'a'))
    standIns.set(shown + cid, link)
    shownAs.set(`@h:${link.cid}`, { cid, shown })
    return link
  }
  const replace = (form: Value): Value => {
    if (form instanceof Link) return standIn(form.cid, nameOf(form.cid) ?? `@h:${shortCid(form.cid)}`)
    if (form instanceof ExportLink)
      return standIn(form.cid, `${form.export}@${nameOf(form.cid) ?? shortCid(form.cid)}`)
    if (Array.isArray(form)) return form.map(replace)
    if (form instanceof Map) return new Map([...form].map(([key, value]) => [key, replace(value)]))
    return form
  }
  const text = told
    .map(({ notes, form }) => notes.map(note => `; ${note}\n`).join('') + pretty(replace(form), width))
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
