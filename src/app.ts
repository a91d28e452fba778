// The program put together: store, builder, gateway. Only this room knows the store; each part is loaded when a command
// first needs it, so that commands which only read start fast.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { CID } from 'multiformats/cid'
import type { Dev } from './app/dev.ts'
import { createKeyCommands } from './app/keys.ts'
import { readLabel, releasesLabel } from './app/labels.ts'
import { sha256 } from './app/sha256.ts'
import { createTools } from './app/tools.ts'
import { createWorkshop, siteName } from './app/workshop.ts'
import { keepYoungHeap } from './app/young-heap.ts'
import type { App, OpenApp, ServeOptions, Serving } from './app-port.ts'
import { SxError } from './errors.ts'
import { defaultServe, type ServeSettings } from './settings.ts'

/** What is known of a site that is served, besides its root. */
interface Served {
  readonly config?: Partial<ServeSettings>
  readonly folder?: string
  /** under which its releases are found */
  readonly name?: string | undefined
}

export const openApp: OpenApp = async options => {
  const shop = createWorkshop(options)

  const serve = async (
    o: ServeOptions,
    root: () => string | undefined,
    { config, folder, name }: Served = {},
    dev?: Dev,
  ): Promise<Serving> => {
    const stored = await shop.store()
    const { createGateway } = await import('./gateway/gateway.ts')
    const { composeContent } = await import('./app/content.ts')
    const { watchDenylists } = await import('./app/denylists.ts')
    const settings = { ...defaultServe, ...config, ...o.settings }
    const given = Object.keys(o.settings ?? {}).some(name => /^p2p./.test(name))
    if (!settings.p2p && given)
      throw new SxError('usage', 'options that begin with --p2p- are for --p2p', { hint: 'add --p2p' })
    if (settings.p2pAnnounce && settings.p2pDht === 'off')
      throw new SxError('usage', 'announcing needs a DHT to announce in', {
        hint: '--p2p-dht lan or --p2p-dht public, and --p2p-peer with a peer that is in it',
      })
    const lists = watchDenylists(
      [
        ...(config?.deny ?? []).map(path => resolve(folder ?? options.cwd, path)),
        ...(o.settings?.deny ?? []).map(path => resolve(options.cwd, path)),
      ],
      message => options.report({ message }),
    )
    const denied = (cid: CID): boolean => lists?.now().block(cid) !== undefined
    const peering = settings.p2p ? await import('./app/peering.ts') : undefined
    const peer = await peering?.startPeering(shop, settings, denied).catch(error => {
      lists?.stop()
      throw error
    })
    const unixfs = await import('./store/unixfs-read.ts')
    const gateway = await createGateway({
      store: stored,
      files: {
        resolve: (cid, path) => unixfs.resolve(stored, cid, path),
        read: (cid, range) => unixfs.readFile(stored, cid, range),
      },
      sha256,
      root,
      release: () => (name === undefined ? undefined : stored.roots(releasesLabel(name))[0]?.root),
      clock: Date.now,
      random: randomBytes,
      content: composeContent({
        ...settings,
        store: stored,
        denied: lists?.now,
        only: o.site === false,
        peers: settings.p2pPeers.length > 0 ? peer?.fetch : undefined,
      }),
      limits: { perMinute: settings.perMinute, runsPerMinute: settings.runsPerMinute },
      ...(o.log && { log: o.log }),
      ...(dev && { dev: dev.hooks }),
    })
    const url = await gateway.listen(o.port, o.host).catch(async error => {
      lists?.stop()
      await peer?.stop()
      throw error
    })
    keepYoungHeap()
    const announcing =
      peer && settings.p2pAnnounce
        ? await peering?.startAnnouncing(shop, peer, denied, (...one) => o.onAnnounced?.(...one))
        : undefined
    return {
      url: url.endsWith('/') ? url : `${url}/`,
      root: root(),
      ...(peer && { peer: { id: peer.peerId, addresses: peer.addresses } }),
      stop: async () => {
        await dev?.stop()
        announcing?.stop()
        await gateway.stop()
        await peer?.stop()
        lists?.stop()
      },
    }
  }

  const names = async () => (await import('./app/names.ts')).createNames(shop)
  const keeping = async () => (await import('./app/keeping.ts')).createKeeping(shop)

  const app: App = {
    ...createTools(shop),

    publish: async (dir, o) => (await import('./app/publishing.ts')).createPublishing(shop).publish(dir, o),
    rollback: async (dir, to, o) =>
      (await import('./app/publishing.ts')).createPublishing(shop).rollback(dir, to, o),
    log: async dir => (await import('./app/history.ts')).createHistory(shop).log(dir),
    tag: async (dir, tag, o) => (await import('./app/history.ts')).createHistory(shop).tag(dir, tag, o),
    export: async (what, file) => (await import('./app/archive.ts')).createArchive(shop).export(what, file),
    import: async (file, o) => (await import('./app/archive.ts')).createArchive(shop).import(file, o),
    fetch: async (root, o) => (await import('./app/peering.ts')).createPeering(shop).fetch(root, o),
    pins: {
      list: async () => (await keeping()).pins.list(),
      add: async (what, name) => (await keeping()).pins.add(what, name),
      remove: async what => (await keeping()).pins.remove(what),
    },
    gc: async o => (await keeping()).gc(o),
    fsck: async o => (await keeping()).fsck(o),
    verify: async (what, o) => (await import('./app/verifying.ts')).createVerifying(shop).verify(what, o),
    diff: async (a, b) => (await import('./app/diffing.ts')).createDiffing(shop).diff(a, b),
    names: {
      show: async dir => (await names()).show(dir),
      renew: async dir => (await names()).renew(dir),
      resolve: async (text, o) => (await names()).resolve(text, o),
      dnslink: async (domain, dir) => (await names()).dnslink(domain, dir),
    },
    keys: createKeyCommands(shop),

    init: async dir => {
      const { writeStarter } = await import('./publish/starter.ts')
      const folder = resolve(options.cwd, dir)
      return { dir: folder, files: writeStarter(folder) }
    },

    build: async (dir, { onProgress } = {}) => {
      const site = shop.siteAt(dir)
      return (await shop.build(await shop.builder(site), site, { onProgress })).report
    },

    serve: async o => {
      const stored = await shop.store()
      if (o.site === false) return serve(o, () => undefined)
      if (o.root !== undefined) {
        const { root } = o
        if (!stored.has(root))
          throw new SxError('not-found', `The store has no root ${root}`, {
            hint: 'Build the site first, or name its folder.',
          })
        const built = stored.roots().find(one => one.root === root && readLabel(one.site).kind === 'site')
        return serve(o, () => root, { name: built?.site })
      }
      const site = shop.siteAt(o.dir ?? '.')
      const { report } = await shop.build(await shop.builder(site), site, { onProgress: o.onProgress })
      const name = siteName(site.folder)
      const own = { config: site.config.serve, folder: site.folder, name }
      return { ...(await serve(o, () => stored.roots(name)[0]?.root, own)), built: report }
    },

    dev: async o => {
      const { startDev } = await import('./app/dev.ts')
      const dev = await startDev(shop, o)
      return serve(o, dev.root, {}, dev)
    },

    inspect: async (target, o) => (await import('./app/inspect.ts')).inspect(shop, target, o),

    close: shop.close,
  }
  return app
}
