// What a page tells the browser's client about itself (format §5): the shape of `<script data-sx-manifest>`.

import type { Trust } from './trust.ts'

/** One page that may be shown at a place: CIDs as text. */
export interface PageTarget {
  /** the pattern, such as `/posts/<slug>` */
  readonly path: string
  readonly page: string
  readonly closure: string
  /** CIDs of the packs that hold the closure, the page's own last (format §6); none: it travels block by block */
  readonly packs: readonly string[]
  /** what the page itself mentions, by name: a display hint, never trusted */
  readonly defs: Readonly<Record<string, string>>
  /** definitions of other publishers: id → how far each is trusted */
  readonly foreign?: Readonly<Record<string, Trust>>
  /** CIDs of the runtime's modules whose words it uses, in the order in which they are taken; absent: not known */
  readonly runtime?: readonly string[]
  /** those of them that its islands use, and what islands need; the rest can wait until these live; absent: all */
  readonly live?: readonly string[]
  /** CIDs of files that hold these modules, and those of the client: what islands need first. What none holds comes by itself */
  readonly parts?: readonly string[]
}

export interface Manifest extends PageTarget {
  readonly modules: Readonly<Record<string, string>>
  /** CID of a library → CID of its bytecode, where that is worth it */
  readonly bytecode?: Readonly<Record<string, string>>
  readonly boot: { readonly loader: string; readonly kernel: string; readonly platform: string }
  /** roots of the site's names and exports (HashMaps), where a page may look up names at run time */
  readonly index?: { readonly names: string; readonly exports: string }
  /** only in 404.html: pattern pages without instances, which the client shows by itself */
  readonly routes?: readonly PageTarget[]
  /** further places that serve blocks, tried after the page's own: URLs with `{cid}` in them */
  readonly sources?: readonly string[]
}
