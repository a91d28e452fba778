// The client's budgets (brotli bytes). Fails when one is over: `node scripts/check-sizes.ts`.
import { brotliSize, bundleClient, type ClientModule } from './build-client.ts'

const KB = 1024

export interface Budget {
  readonly what: string
  readonly modules: readonly ClientModule[]
  readonly limit: number
}

export const budgets: readonly Budget[] = [
  { what: 'loader', modules: ['loader'], limit: 2.5 * KB },
  { what: 'kernel', modules: ['kernel'], limit: 10 * KB },
  { what: 'platform', modules: ['platform'], limit: 2.5 * KB },
  // The first flight of a new connection: what a page with one island downloads before it is interactive.
  { what: 'until interactive', modules: ['loader', 'kernel', 'platform'], limit: 14 * KB },
  { what: 'all modules', modules: ['loader', 'kernel', 'platform'], limit: 35 * KB },
]

export interface Weighed extends Budget {
  readonly size: number
}

export async function weigh(): Promise<readonly Weighed[]> {
  const bundles = await bundleClient()
  return budgets.map(b => ({ ...b, size: b.modules.reduce((sum, name) => sum + brotliSize(bundles[name].code), 0) }))
}

if (import.meta.main) {
  const weighed = await weigh()
  console.log('brotli bytes           size   limit')
  for (const { what, size, limit } of weighed)
    console.log(`${what.padEnd(18)} ${String(size).padStart(8)} ${String(limit).padStart(7)}${size > limit ? '  over' : ''}`)
  if (weighed.some(w => w.size > w.limit)) process.exitCode = 1
}
