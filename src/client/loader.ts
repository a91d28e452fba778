// The inline loader: all that a reader of a page has to trust. It fetches kernel and platform by CID, runs them only
// when their bytes hash to those CIDs, and hands them the one resolver through which everything else comes in.
import { matches } from '../ipld/block.ts'
import { inflate } from '../ipld/inflate.ts'
import type { Manifest } from '../ipld/manifest.ts'
import { placeOf } from '../ipld/place.ts'
import { AS_MODULE, AS_SCRIPT } from '../ipld/runtime-file.ts'
import type { Kernel } from './kernel.ts'
import type { Checks } from './page-packs.ts'
import { fetchPatch, patchUrl } from './patch-source.ts'
import type { start } from './platform.ts'
import { createResolver } from './resolver.ts'
import { pickRoute, sourcesNear } from './route.ts'
import { createDigest } from './sha256.ts'
import { createNetworkTier } from './tiers/network.ts'

type Make = (kernel: Kernel) => unknown

/** false: somebody said that they see to it. */
const tell = (type: string, detail: unknown): boolean =>
  document.dispatchEvent(new CustomEvent(type, { detail, cancelable: true }))

/** What readers do in islands that don't live yet: it is done when they do. */
const events: Event[] = []
for (const type of ['click', 'input', 'change', 'submit', 'keydown'])
  addEventListener(
    type,
    event => {
      const island = (event.target as Element).closest?.('[data-sx-island]')
      if (!island || 'sxLive' in island || events.length > 99) return
      events.push(event)
      if (type === 'submit') event.preventDefault()
    },
    true,
  )

const load = async (): Promise<void> => {
  const manifest: Manifest = JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!)
  const { origin, pathname } = location
  const place = placeOf(manifest.path, pathname)
  // 404.html answers for pages that the build didn't know. Where no route fits, the server's answer is the right one.
  const found = manifest.routes ? pickRoute(manifest.routes, pathname) : { route: manifest, place }
  if (!found) return
  const checks: Checks = {
    digest: createDigest(crypto.subtle),
    inflate,
    report(error) {
      console.error(`sx: skipped ${error.source} for ${error.cid}: ${error.reason}`)
      resolver.log.push(error)
      tell('sx:source-error', error)
    },
  }
  const resolver = createResolver({
    tiers: [...sourcesNear(origin, found.place?.base ?? '/'), ...(manifest.sources ?? [])].map(url =>
      createNetworkTier(url, (input, init) => fetch(input, init)),
    ),
    matches,
    ...checks,
    // Two answers to one question are what readers pay for who count bytes.
    stagger: (navigator as { connection?: { saveData: boolean } }).connection?.saveData ? 20_000 : 1500,
  })
  const key = `sx ${pathname}`
  let held: string | undefined
  try {
    held = localStorage[key]
  } catch {
    // Storage is denied: every visit is a first one.
  }
  // Beside the runtime, not after it. Who has some version of the page may need no more than a patch.
  const { page, packs } = found.route
  const early = held ? [] : packs.map(cid => resolver.get(cid))
  const [before] = held?.split(' ') ?? [page]
  // The first source is the page's own host, which may have one.
  const url = patchUrl(resolver.tiers[0]!.name, before!, page)
  const patch = before === page ? undefined : fetchPatch(url)
  // Whoever awaits them hears of it.
  for (const one of [...early, patch]) one?.catch(() => {})
  /** A verified file of the runtime, run. An import takes another process, and ten times as long. */
  const open = async (cid: string, inPolicy?: unknown) => {
    const { bytes } = await resolver.get(cid)
    const script: HTMLScriptElement & { sx?: unknown } = document.createElement('script')
    if (inPolicy) {
      script.text = AS_SCRIPT + new TextDecoder().decode(bytes)
      document.documentElement.appendChild(script).remove()
    }
    return (
      script.sx ??
      (await import(URL.createObjectURL(new Blob([AS_MODULE, bytes], { type: 'text/javascript' })))).default
    )
  }
  const opened: Promise<Record<string, Make>>[] = [
    open(manifest.boot.kernel, 1),
    // What can't be had together is had by itself.
    ...(found.route.parts ?? []).map(cid => open(cid, 1).catch(() => ({}))),
  ]
  const { kernel } = (await opened[0]) as unknown as { kernel: Kernel }
  const run = async <T>(cid: string): Promise<T> => {
    for (const file of opened) {
      const make = (await file)[cid]
      if (make) return make(kernel) as T
    }
    return (await open(cid))(kernel)
  }
  const platform = await run<{ start: typeof start }>(manifest.boot.platform)
  await platform.start({
    kernel,
    manifest,
    target: found.route,
    place: found.place,
    resolver,
    checks,
    held,
    key,
    early,
    patch: { url, patch },
    run,
    tell,
    events,
  })
}

load().catch(error => {
  const root = document.documentElement
  root.dataset.sx = 'failed'
  console.error('sx: the page stays as the server sent it', error)
  if (!tell('sx:failed', error)) return
  const note = document.createElement('p')
  note.id = 'sx-failed'
  note.role = 'alert'
  note.style.cssText = 'position:fixed;bottom:0;margin:0;padding:9px;background:#811;color:#fff'
  note.textContent = `This page could not be verified (${error.message}): its controls don’t respond. Reload to try again.`
  // Beside the body, which is the page's.
  root.append(note)
})
