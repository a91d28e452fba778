// Where a page stands: the place of its path pattern in the location, the base in front of it, its parameters.

export interface Place {
  /** ends with `/`: what stands before the page's own path, `/` or `/ipfs/{cid}/` and the like */
  readonly base: string
  /** the page's path from the base as the publisher writes it: `/`, `/market`, `/posts/caf%C3%A9` */
  readonly path: string
  readonly params: ReadonlyMap<string, string>
}

const knownBase = /^\/(ip[fn]s\/[^/]+\/)?$/

const split = (path: string): string[] => path.split('/').filter(Boolean)

/** Takes the match of `pattern` off the end of `pathname`; undefined when it isn't there. */
export function placeOf(pattern: string, pathname: string): Place | undefined {
  const wanted = split(pattern)
  const given = split(pathname.replace(/\/index\.html$/, '/'))
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

/**
 * The route that explains most of `pathname`; of those, the one with the fewest parameters. A pattern of nothing but
 * parameters fits the end of any path, so it is believed only where the base is known to be one.
 */
export function pickRoute<T extends { readonly path: string }>(
  routes: readonly T[],
  pathname: string,
): { route: T; place: Place } | undefined {
  let best: { route: T; place: Place } | undefined
  for (const route of routes) {
    const place = placeOf(route.path, pathname)
    if (!place) continue
    if (place.params.size === split(route.path).length && !knownBase.test(place.base)) continue
    const longer = best ? best.place.base.length - place.base.length : 1
    if (longer > 0 || (longer === 0 && place.params.size < best!.place.params.size)) best = { route, place }
  }
  return best
}

/** URLs that answer for a CID near the page, the likeliest first. */
export function sourcesNear(origin: string, base: string): string[] {
  const own = `${origin}/sx/h/{cid}`
  // where a release directory lies on a host that serves nothing but files
  const files = `${origin}${base}_sx/b/{cid}`
  if (base === '/') return [own, files]
  // Under a gateway's path the base is a directory, and blocks are beside it; elsewhere a proxy put our server there.
  return knownBase.test(base)
    ? [files, `${origin}/ipfs/{cid}?format=raw`, own]
    : [`${origin}${base}sx/h/{cid}`, files, own]
}
