// Where a page stands: the place of its path pattern in an address, the base in front of it, its parameters.

export interface Place {
  /** ends with `/`: what stands before the page's own path, `/` or `/ipfs/{cid}/` and the like */
  readonly base: string
  /** the page's path from the base as the publisher writes it: `/`, `/market`, `/posts/caf%C3%A9` */
  readonly path: string
  readonly params: ReadonlyMap<string, string>
}

/** The segments of a path or a pattern. */
export const segmentsOf = (path: string): string[] => path.split('/').filter(Boolean)

/** Takes the match of `pattern` off the end of `pathname`; undefined when it isn't there. */
export function placeOf(pattern: string, pathname: string): Place | undefined {
  const wanted = segmentsOf(pattern)
  const given = segmentsOf(pathname.replace(/\/index\.html$/, '/'))
  const start = given.length - wanted.length
  if (start < 0) return
  const params = new Map<string, string>()
  let own = given.splice(start)
  try {
    own = own.map(decodeURIComponent)
  } catch {
    return
  }
  for (const [i, part] of wanted.entries()) {
    const value = own[i]!
    if (part.startsWith('<')) params.set(part.slice(1, -1), value)
    else if (part !== value) return
  }
  return {
    base: `/${given.map(p => `${p}/`).join('')}`,
    path: `/${own.map(encodeURIComponent).join('/')}`,
    params,
  }
}
