// Under which names the store pins roots: a site by its folder's real path, all else by a word and a colon before it.

/** The last releases of a site, as release directories. */
export const releasesLabel = (site: string): string => `release:${site}`
/** One release that stays, whatever comes after it. */
export const tagLabel = (site: string, tag: string): string => `tag:${tag}:${site}`
/** Something that somebody pinned or imported. */
export const pinLabel = (name: string): string => `pin:${name}`

export type Pinned =
  | { readonly kind: 'site' | 'release'; readonly name: string }
  | { readonly kind: 'tag'; readonly name: string; readonly tag: string }
  | { readonly kind: 'pin'; readonly name: string }

/** What a label says. A folder's real path begins with `/`, or with one letter and a colon. */
export const readLabel = (label: string): Pinned => {
  const [, kind, rest] = /^(release|tag|pin):(.*)$/s.exec(label) ?? []
  if (kind === undefined || rest === undefined) return { kind: 'site', name: label }
  if (kind !== 'tag') return { kind: kind as 'release' | 'pin', name: rest }
  const end = rest.indexOf(':')
  return { kind: 'tag', tag: rest.slice(0, end), name: rest.slice(end + 1) }
}
