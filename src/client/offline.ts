// A page's side of the service worker: it is registered where a site wants it and its origin is the site's own, and told
// what was visited. `?sx-worker=off` in any address takes it away in this browser, `?sx-worker=on` brings it back.
import type { Message, Told } from './worker.ts'

const KEY = 'sx worker'

/** What a reader has said, in this address or an earlier one; storage that is denied says nothing. */
const isWanted = (): boolean => {
  const said = new URLSearchParams(location.search).get('sx-worker')
  try {
    if (said) localStorage[KEY] = said
    return localStorage[KEY] !== 'off'
  } catch {
    return said !== 'off'
  }
}

export const keepOffline = async (
  base: string,
  tell: (type: string, detail: unknown) => void,
): Promise<void> => {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  // On a gateway's path the origin is everybody's.
  if (!workers || /^\/ip[fn]s\//.test(base)) return
  const scope = location.origin + base
  if (!isWanted() || 'sxKeep' in document.documentElement.dataset) {
    for (const one of await workers.getRegistrations()) if (one.scope === scope) await one.unregister()
    for (const name of await caches.keys())
      if (name.startsWith(`sx site ${scope} `)) await caches.delete(name)
    return
  }
  const registration = await workers.register(`${base}sx-worker.js`, { scope: base, updateViaCache: 'none' })
  const offered = (): void => {
    if (registration.waiting && workers.controller) tell('sx:root-offered', {})
  }
  offered()
  registration.onupdatefound = () => {
    const { installing } = registration
    if (installing) installing.onstatechange = offered
  }
  workers.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.sx === 'kept') tell('sx:offline-ready', {})
    else tell('sx:source-error', { cid: '', source: data.url, reason: 'another loader' })
  }
  const say = (to: ServiceWorker | null, message: Message): void => to?.postMessage(message)
  const visited = (): void =>
    say(registration.active, {
      visited: [
        location.href.split('#')[0]!,
        ...performance.getEntriesByType('resource').map(({ name }) => name),
      ].filter(url => url.startsWith(location.origin)),
    })
  addEventListener('pagehide', () => say(registration.waiting, { leaving: true }))
  await workers.ready
  visited()
  document.addEventListener('sx:ready', visited)
}
