// The tarball as a stranger gets it: installed in an empty folder it is small, has no react-native, and `sx` works.
// Run: node scripts/check-package.ts
import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LENT_NODE } from '../src/cli/older-node.ts'
import { packPackage } from './pack-package.ts'

const LIMIT = 150 * 1_048_576
const home = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sx-package-'))
const problems: string[] = []
const check = (ok: boolean, what: string): void => {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`)
  if (!ok) problems.push(what)
}

/** The stranger's environment: nothing of this repository on the path, so that `sx` finds Node as it would there. */
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(part => !part.includes('node_modules'))
  .join(delimiter)
const env = {
  ...process.env,
  PATH: path,
  HOME: folder,
  XDG_DATA_HOME: join(folder, 'data'),
  npm_config_cache: process.env.npm_config_cache ?? npmCache(),
}
function npmCache(): string {
  return execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim()
}

function run(args: readonly string[], cwd: string): { status: number | null; out: string; err: string } {
  const [command, ...rest] = args as [string, ...string[]]
  const { status, stdout, stderr } = spawnSync(command, rest, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  })
  return { status, out: stdout, err: stderr }
}

/** Bytes on the disk and names of all packages below `at`. */
function measure(at: string, names: Set<string>, seen = new Set<number>()): number {
  let size = 0
  for (const entry of readdirSync(at, { withFileTypes: true })) {
    const full = join(at, entry.name)
    const { ino, blocks } = lstatSync(full)
    if (!seen.has(ino)) size += blocks * 512
    seen.add(ino)
    if (!entry.isDirectory()) continue
    if (at.endsWith('node_modules')) names.add(entry.name)
    size += measure(full, names, seen)
  }
  return size
}

try {
  const tarball = await packPackage(folder)
  console.log(`packed ${(lstatSync(tarball).size / 1024).toFixed(0)} KiB`)

  const { devDependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  check(
    LENT_NODE === `node@${devDependencies.node}`,
    `the Node that is lent to older machines is the tested one: ${LENT_NODE}`,
  )

  const lint = run(
    [process.execPath, join(home, 'node_modules/publint/src/cli.js'), tarball, '--strict'],
    home,
  )
  check(lint.status === 0, `publint finds nothing${lint.status === 0 ? '' : `:\n${lint.out}${lint.err}`}`)

  const empty = join(folder, 'empty')
  mkdirSync(empty)
  writeFileSync(join(empty, 'package.json'), '{ "private": true }\n')
  const install = run(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', tarball], empty)
  check(
    install.status === 0,
    `npm install in an empty folder${install.status === 0 ? '' : `:\n${install.err}`}`,
  )

  const names = new Set<string>()
  const size = measure(join(empty, 'node_modules'), names)
  const MiB = (bytes: number): string => (bytes / 1_048_576).toFixed(1)
  check(size <= LIMIT, `installed ${MiB(size)} MiB in ${names.size} folders; the limit is ${MiB(LIMIT)} MiB`)
  const largest = readdirSync(join(empty, 'node_modules'))
    .filter(name => !name.startsWith('.package'))
    .map(name => [name, measure(join(empty, 'node_modules', name), new Set())] as const)
    .sort((a, b) => b[1] - a[1])
  console.log(
    `largest: ${largest
      .slice(0, 6)
      .map(([name, bytes]) => `${name} ${MiB(bytes)}`)
      .join(', ')}`,
  )
  const native = [...names].filter(name => name.startsWith('react-native'))
  check(native.length === 0, `no react-native${native.length > 0 ? `: ${native.join(', ')}` : ''}`)

  // Helia as it travels: a node over a store, and a file large enough to need it.
  writeFileSync(
    join(empty, 'helia.mjs'),
    `import { hash } from 'node:crypto'
import { createFiles } from './node_modules/sx-ipfs/dist/store/files.js'
import { createNode } from './node_modules/sx-ipfs/dist/store/helia.js'
import { openStore } from './node_modules/sx-ipfs/dist/store/sqlite.js'
const sha256 = bytes => hash('sha256', bytes, 'buffer')
const store = openStore({ path: ':memory:', sha256, version: 'check' })
const { cid, blocks } = await createFiles(sha256).addFile(new Uint8Array(2_000_000))
store.commit({ site: 's', root: cid, blocks, keep: 1, version: 'check' })
const node = await createNode(store)
for await (const pin of node.pins.ls()) console.log(pin.cid.toString() === cid && await node.pins.isPinned(pin.cid))
await node.gc()
await node.stop()
`,
  )
  const helia = run([process.execPath, 'helia.mjs'], empty)
  check(
    helia.out === 'true\n',
    `Helia runs from the package${helia.out === 'true\n' ? '' : `:\n${helia.out}${helia.err}`}`,
  )

  // libp2p as it travels: two nodes on loopback, and a block from one to the other by both transports.
  writeFileSync(
    join(empty, 'peers.mjs'),
    `import { hash } from 'node:crypto'
import { CID } from './node_modules/multiformats/dist/src/cid.js'
import { createFiles } from './node_modules/sx-ipfs/dist/store/files.js'
import { offeredBlocks } from './node_modules/sx-ipfs/dist/store/offered.js'
import { createPeerNode, newPeerKey } from './node_modules/sx-ipfs/dist/store/peer-node.js'
import { openStore } from './node_modules/sx-ipfs/dist/store/sqlite.js'
const sha256 = bytes => hash('sha256', bytes, 'buffer')
const store = openStore({ path: ':memory:', sha256, version: 'check' })
const { cid, blocks } = await createFiles(sha256).addFile(new Uint8Array(1000))
store.commit({ site: 's', root: cid, blocks, keep: 1, version: 'check' })
const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
const one = await createPeerNode({ blockstore: offeredBlocks(store.blocks), key: await newPeerKey(), listen })
for (const address of one.addresses) {
  const other = await createPeerNode({ blockstore: offeredBlocks(undefined), listen: [] })
  const signal = AbortSignal.timeout(30_000)
  await other.connect(address, { signal })
  console.log((await other.fetch(CID.parse(cid), signal)).length)
  await other.stop()
}
await one.stop()
`,
  )
  const peers = run([process.execPath, 'peers.mjs'], empty)
  check(
    peers.out === '1000\n1000\n',
    `libp2p runs from the package${peers.out === '1000\n1000\n' ? '' : `:\n${peers.out}${peers.err}`}`,
  )

  console.log(`Node on the stranger's path: ${run(['node', '--version'], folder).out.trim()}`)
  for (const args of [['--help'], ['init', 'demo'], ['build', 'demo', '--json']]) {
    const result = run(['npx', '--no-install', 'sx', ...args], empty)
    check(
      result.status === 0,
      `npx sx ${args.join(' ')}${result.status === 0 ? '' : `: exit ${result.status}\n${result.out}${result.err}`}`,
    )
    if (args[0] === 'build' && result.status === 0)
      check(
        typeof (JSON.parse(result.out) as { root?: unknown }).root === 'string',
        'sx build --json printed one object with a root',
      )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(problems.length === 0 ? 'The package is fit to publish.' : `${problems.length} problems.`)
process.exitCode = problems.length === 0 ? 0 : 1
