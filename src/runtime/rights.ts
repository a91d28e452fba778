// What content of another publisher may do: the one table. Own definitions are not in it: they may do everything.
import type { Trust } from '../ipld/trust.ts'

export interface Rights {
  /** what an element may be; anything else is left out, with all that it holds */
  readonly tags: ReadonlySet<string>
  /** calls and turns of one call of the component */
  readonly steps: number
  /** UTF-16 units that one call writes */
  readonly output: number
}

const words = (...texts: readonly string[]): ReadonlySet<string> => new Set(texts.join(' ').split(' '))

/** Text, lists, tables and drawings: a reader's browser fetches nothing because of them. */
const prose =
  'header footer main nav section article aside address hgroup h1 h2 h3 h4 h5 h6 div p hr pre blockquote ol ul menu li dl dt dd figure figcaption a em strong small s cite q dfn abbr ruby rt rp data time code var samp kbd sub sup i b u mark bdi bdo span br wbr ins del table caption colgroup col tbody thead tfoot tr td th details summary progress meter'
const drawings = 'svg g path rect circle ellipse line polyline polygon text tspan desc'
const media = 'picture source img audio video track image'

export const policy: Readonly<Record<Trust, Rights>> = {
  followed: { tags: words(prose, drawings, media), steps: 1_000_000, output: 1_048_576 },
  unknown: { tags: words(prose, drawings), steps: 200_000, output: 131_072 },
}

const common = 'class title lang dir role hidden translate'
const attributes = words(
  common,
  'href hreflang cite datetime value min max low high optimum open start reversed type',
  'colspan rowspan scope headers span abbr',
  'src srcset sizes alt width height loading decoding poster controls loop muted preload kind srclang label media',
  'viewBox preserveAspectRatio d x y x1 y1 x2 y2 cx cy r rx ry dx dy points transform pathLength',
  'fill fill-rule fill-opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset',
  'stroke-miterlimit stroke-opacity opacity text-anchor dominant-baseline font-size font-weight font-family',
)
const urls = words('href cite src poster')
/** `a , b 2x` */
const isList = (name: string): boolean => name === 'srcset'

/** https, ipfs, ipns, or relative to the page that it stands on. Control characters and blanks are no way around. */
export const isHarmlessUrl = (url: string): boolean => {
  const plain = url.replace(/[\p{Cc}\p{Z}]/gu, '')
  return /^(?:https|ipfs|ipns):/i.test(plain) || !/^(?:[^/?#]*:|[/\\]{2})/.test(plain)
}

/**
 * An attribute as it may stand, or undefined where it may not: names by the list above, `aria-*`, and `style` of
 * declarations that fetch nothing. Ids, `data-*` and `on*` are among what is left out: they would reach the page's own
 * code.
 */
export const allowedAttribute = (name: string, value: string): string | undefined => {
  if (name === 'style') {
    // An escape can spell anything.
    const kept = value.split(';').filter(one => !/[\\@]|url|image|expression|\/\*/i.test(one))
    return kept.join(';')
  }
  if (!attributes.has(name) && !/^aria-[a-z]+$/.test(name)) return undefined
  if (urls.has(name)) return isHarmlessUrl(value) ? value : undefined
  if (isList(name)) return value.split(',').every(one => isHarmlessUrl(one.trim())) ? value : undefined
  return /url\s*\(/i.test(value) ? undefined : value
}
