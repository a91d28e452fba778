// On an older Node: the same command under Node 24, which npm's `node` package brings into npm's cache once.
import { spawn, spawnSync } from 'node:child_process'

// The version that this package is tested with; package.json has the same (scripts/check-package.ts compares).
// It is not a dependency: unpacked it is 189 MiB, more than all that a machine with Node 24 needs (docs/decisions/0001).
export const LENT_NODE = 'node@24.21.0'

/** Runs `file` again with `args` under a Node that npm lends, passing signals on; resolves to its exit status. */
export async function runUnderLentNode(own: string, file: string, args: readonly string[]): Promise<number> {
  process.stderr.write(
    `sx needs Node 24 and this is ${own}: npm lends one (install Node 24 to start faster)\n`,
  )
  const onWindows = process.platform === 'win32'
  const found = spawnSync(
    'npm',
    ['exec', '--yes', `--package=${LENT_NODE}`, '--', 'node', '-p', 'process.execPath'],
    {
      encoding: 'utf8',
      shell: onWindows,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const node = (found.stdout ?? '').trim().split('\n').at(-1) ?? ''
  if (found.status !== 0 || node === '') {
    process.stderr.write('npm could not bring it. Install Node 24 or newer: https://nodejs.org\n')
    return 2
  }
  const child = spawn(node, [file, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise(resolve => {
    child.on('error', () => resolve(2))
    child.on('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}
