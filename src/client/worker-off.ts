// What stands in the worker's place when a site wants none any more: it takes away what the other one kept, and itself.
interface Scope {
  readonly registration: { readonly scope: string; unregister(): Promise<boolean> }
  skipWaiting(): Promise<void>
  addEventListener(type: string, f: (event: { waitUntil(work: Promise<unknown>): void }) => void): void
}
const self = globalThis as unknown as Scope

self.addEventListener('install', () => void self.skipWaiting())
self.addEventListener('activate', event =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name === 'sx blocks' || name.startsWith(`sx site ${self.registration.scope} `))
          await caches.delete(name)
      await self.registration.unregister()
    })(),
  ),
)
