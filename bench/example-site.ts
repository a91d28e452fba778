// The example, built with the client as it is now, behind a gateway.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleClient } from '../scripts/build-client.ts'
import { type BuiltSite, serveSite } from '../test/support/built-site.ts'

export const EXAMPLE = join(import.meta.dirname, '../examples/rose-ash')

const filesOf = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(join(EXAMPLE, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => {
        const path = join(entry.parentPath, entry.name)
        return [path.slice(EXAMPLE.length + 1), readFileSync(path)]
      }),
  )

/** `origin`: its address, with a slash at its end. Whoever serves it stops it. */
export const serveExample = async (): Promise<{ readonly site: BuiltSite; readonly origin: string }> => {
  const client = await bundleClient()
  const site = await serveSite(
    { ...filesOf('src'), ...filesOf('public'), ...filesOf('wasm'), 'public/favicon.ico': '' },
    {},
    {
      loader: client.loader.code,
      kernel: client.kernel.code,
      platform: client.platform.code,
      modules: new Map(Object.entries(client.modules).map(([name, { code }]) => [name, code])),
      words: client.words,
    },
  )
  return { site, origin: await site.gateway.listen(0, '127.0.0.1') }
}
