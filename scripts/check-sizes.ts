// The client's budgets (brotli bytes). Fails when one is over: `node scripts/check-sizes.ts`.
import { brotliSize, bundleClient, filesOf } from './build-client.ts'

const KB = 1024
const firstFlight = ['loader', 'kernel', 'platform']

/** Each file's own budget; a module of the runtime is small or it is two. */
const limits: Readonly<Record<string, number>> = { loader: 2.5 * KB, kernel: 8.5 * KB, platform: 3 * KB }
const MODULE_LIMIT = 1.5 * KB
/** What a page downloads before it is interactive: the first flight of a new connection. */
const INTERACTIVE_LIMIT = 14 * KB
const ALL_LIMIT = 35 * KB

export interface Weighed {
  readonly what: string
  readonly size: number
  readonly limit: number
}

export async function weigh(): Promise<readonly Weighed[]> {
  const files = filesOf(await bundleClient()).map(([what, { code }]) => ({
    what,
    size: brotliSize(code),
    limit: limits[what] ?? MODULE_LIMIT,
  }))
  const sum = (of: readonly Weighed[]): number => of.reduce((total, { size }) => total + size, 0)
  return [
    ...files,
    {
      what: 'until interactive',
      size: sum(files.filter(f => firstFlight.includes(f.what))),
      limit: INTERACTIVE_LIMIT,
    },
    { what: 'all', size: sum(files), limit: ALL_LIMIT },
  ]
}

if (import.meta.main) {
  const weighed = await weigh()
  console.log(`${'brotli bytes'.padEnd(22)}    size   limit`)
  for (const { what, size, limit } of weighed)
    console.log(
      `${what.padEnd(22)} ${String(size).padStart(8)} ${String(limit).padStart(7)}${size > limit ? '  over' : ''}`,
    )
  if (weighed.some(w => w.size > w.limit)) process.exitCode = 1
}
