// The 404.html of a site that has none of its own, but pages whose instances only a visitor's browser knows.
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import { contentSecurityPolicy } from './csp.ts'
import { pageHtml } from './page-html.ts'
import type { RenderOptions } from './render.ts'

/** The first route stands in as the page: the client looks for the one that fits before it shows any. */
export const lostHtml = (
  o: RenderOptions,
  {
    routes,
    wasm,
    ...boot
  }: { readonly routes: readonly PageTarget[]; readonly wasm: boolean } & Pick<
    Manifest,
    'boot' | 'bytecode' | 'index'
  >,
): Uint8Array => {
  const [first] = routes as readonly [PageTarget, ...PageTarget[]]
  const manifest: Manifest = { ...first, modules: {}, ...boot, routes }
  return new TextEncoder().encode(
    pageHtml({
      title: o.title,
      lang: o.lang,
      navigation: o.navigation,
      offline: o.offline,
      status: o.status,
      head: '<meta name="robots" content="noindex">',
      body: '<main><h1>Nothing is here</h1><p>There is no page at this address, or it needs JavaScript to be shown.</p></main>',
      manifest,
      loader: o.loader,
      csp: contentSecurityPolicy({
        scriptHashes: o.parts.scripts(manifest),
        styleHashes: [],
        connect: o.gateways,
        wasm,
      }),
    }),
  )
}
