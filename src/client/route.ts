// Which page an address means, and where its blocks are near.
import { type Place, placeOf, segmentsOf } from '../ipld/place.ts'

const knownBase = /^\/(ip[fn]s\/[^/]+\/)?$/

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
    if (place.params.size === segmentsOf(route.path).length && !knownBase.test(place.base)) continue
    const longer = best ? best.place.base.length - place.base.length : 1
    if (longer > 0 || (longer === 0 && place.params.size < best!.place.params.size)) best = { route, place }
  }
  return best
}

/** URLs that answer for a CID near the page, the likeliest first. */
export function sourcesNear(origin: string, base: string): string[] {
  return [
    // A release directory has them there, on whatever host it lies; our own server answers below it, too.
    `${origin}${base}_sx/b/{cid}`,
    // Under a gateway's path the base is a directory.
    ...(base !== '/' && knownBase.test(base) ? [`${origin}/ipfs/{cid}?format=raw`] : []),
    `${origin}/sx/h/{cid}`,
  ]
}
