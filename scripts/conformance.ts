// Runs ipfs/gateway-conformance against our gateway, and compares what fails with the list of what is expected to.
//   node scripts/conformance.ts                    the suite's v0.13.2 out of Go's module cache
//   node scripts/conformance.ts --install          fetched through the Go module proxy first
//   node scripts/conformance.ts --suite <folder>   a checkout of it (or the variable GATEWAY_CONFORMANCE_HOME)
// Exit 0: what failed was expected, and all that was expected failed. 1: not so. 3: the suite can't be had.
import { spawn, spawnSync } from 'node:child_process'
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { composeContent } from '../src/app/content.ts'
import { sha256 } from '../src/app/sha256.ts'
import { createGateway } from '../src/gateway/gateway.ts'
import { readCar } from '../src/store/car.ts'
import { findIpnsName } from '../src/store/ipns-record.ts'
import { nameRecords } from '../src/store/name-records.ts'
import { openStore } from '../src/store/sqlite.ts'

const VERSION = 'v0.13.2'
const MODULE = 'github.com/ipfs/gateway-conformance'
/** A host that exists for this run only: the suite sends it as `Host` and connects to us. */
const HOST = 'gateway.example'

const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    install: { type: 'boolean', default: false },
    run: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'sx-conformance-'))
const fail = (message: string, status: number): never => {
  console.error(message)
  rmSync(folder, { recursive: true, force: true })
  process.exit(status)
}

/** The suite's folder, which holds its tests and fixtures. Without an option: Go's module cache, and nobody is asked. */
function findSuite(): string {
  const named = values.suite ?? process.env.GATEWAY_CONFORMANCE_HOME
  if (named !== undefined && named !== '') return resolve(named)
  mkdirSync(join(folder, 'module'))
  const go = (...args: string[]) =>
    spawnSync('go', args, {
      cwd: join(folder, 'module'),
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod', ...(values.install ? {} : { GOPROXY: 'off' }) },
    })
  if (go('version').status !== 0) return fail('gateway-conformance was not run: there is no Go here', 3)
  go('mod', 'init', 'conformance.invalid')
  const { stdout } = go('mod', 'download', '-json', `${MODULE}@${VERSION}`)
  const { Dir, Error: why } = JSON.parse(stdout || '{}') as { Dir?: string; Error?: string }
  return (
    Dir ??
    fail(
      values.install
        ? `gateway-conformance was not run: ${why ?? 'Go could not fetch it'}`
        : 'gateway-conformance was not run: it is not in the module cache here (--install fetches it, --suite names it)',
      3,
    )
  )
}

async function importFixtures(
  suite: string,
  store: ReturnType<typeof openStore>,
): Promise<ReadonlyMap<string, string>> {
  const names = nameRecords(store.records)
  const links = new Map<string, string>()
  const from = join(suite, 'fixtures')
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(from, path)
    if (path.endsWith('.car')) {
      const car = await readCar(createReadStream(file), { sha256, onUnknown: () => {} })
      for await (const { cid, bytes } of car.blocks)
        store.blocks.put([{ digest: cid.multihash.digest, bytes }])
    } else if (path.endsWith('.ipns-record')) {
      const name = findIpnsName(basename(path).split(/[._]/, 1)[0]!)
      if (name === undefined) throw new Error(`${path} is named for no IPNS name`)
      names.put(name, readFileSync(file))
    } else if (path.endsWith('dnslink.yml'))
      for (const [, domain, target] of readFileSync(file, 'utf8').matchAll(
        /^\s+domain: (\S+)\s+(?:#.*\s+)*path: (\S+)/gm,
      ))
        links.set(domain!, target!)
  }
  return links
}

interface Outcome {
  readonly passed: Set<string>
  readonly failed: Map<string, string>
}

/** Runs the suite and reads its verdict on each test that has no tests below it. */
async function run(suite: string, url: string, port: string): Promise<Outcome> {
  const binary = join(folder, 'suite.test')
  const built = spawnSync('go', ['test', '-c', '-o', binary, './tests'], {
    cwd: suite,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (built.status !== 0) fail('the suite could not be built', 3)
  const suiteRun = spawn(
    'go',
    [
      'tool',
      'test2json',
      '-t',
      binary,
      '-test.v=test2json',
      '-test.timeout=5m',
      ...(values.run === '' ? [] : [`-test.run=${values.run}`]),
    ],
    {
      cwd: join(suite, 'tests'),
      env: {
        ...process.env,
        GATEWAY_CONFORMANCE_HOME: suite,
        GATEWAY_URL: url,
        SUBDOMAIN_GATEWAY_URL: `http://${HOST}:${port}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const verdicts = new Map<string, 'pass' | 'fail'>()
  const output = new Map<string, string>()
  for await (const line of createInterface({ input: suiteRun.stdout })) {
    const {
      Action: action,
      Test: test,
      Output: text,
    } = JSON.parse(line) as Record<string, string | undefined>
    if (test === undefined) {
      if (action === 'output' && values.verbose) process.stdout.write(text ?? '')
    } else if (action === 'pass' || action === 'fail') verdicts.set(test, action)
    else if (action === 'output') output.set(test, (output.get(test) ?? '') + (text ?? ''))
  }
  const names = [...verdicts.keys()]
  const inner = new Set(
    names.flatMap(name =>
      name
        .split('/')
        .slice(1)
        .map((_, i, parts) =>
          name
            .split('/')
            .slice(0, parts.length - i)
            .join('/'),
        ),
    ),
  )
  const passed = new Set<string>()
  const failed = new Map<string, string>()
  for (const [name, verdict] of verdicts) {
    if (inner.has(name)) continue
    if (verdict === 'pass') passed.add(name)
    else failed.set(name, output.get(name) ?? '')
  }
  return { passed, failed }
}

/** `test name # reason`, one a line. */
const expected = new Map(
  readFileSync(new URL('conformance-expected.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => {
      const [name = '', reason = ''] = line.split(' # ')
      if (reason.trim() === '') throw new Error(`scripts/conformance-expected.txt: ${name} has no reason`)
      return [name.trim(), reason.trim()] as const
    }),
)

const suite = findSuite()
const store = openStore({ path: join(folder, 'store.sqlite'), sha256, version: 'conformance' })
const links = await importFixtures(suite, store)
const gateway = await createGateway({
  store,
  files: { resolve: () => undefined, read: () => [] },
  sha256,
  clock: Date.now,
  content: composeContent({
    store,
    hosts: { [HOST]: 'subdomain' },
    dnslink: true,
    forwarded: true,
    fetch: [],
    txt: async name => {
      const target = links.get(name.replace(/^_dnslink\./, ''))
      return target === undefined ? [] : [`dnslink=${target}`]
    },
  }),
})
const url = await gateway.listen(0)
const { passed, failed } = await run(suite, url.replace(/\/$/, ''), new URL(url).port)
await gateway.stop()
store.close()
rmSync(folder, { recursive: true, force: true })

const unexpected = [...failed].filter(([name]) => !expected.has(name))
const unfailed = values.run === '' ? [...expected.keys()].filter(name => !failed.has(name)) : []
for (const [name, output] of unexpected) console.log(`\nFAILED ${name}\n${output.trimEnd()}`)
for (const name of unfailed)
  console.log(
    `\nPASSED, or is gone, though expected to fail: ${name}\n  take it off scripts/conformance-expected.txt`,
  )
console.log(
  `\ngateway-conformance ${VERSION}: ${passed.size} passed, ${failed.size} failed (${failed.size - unexpected.length} of them expected)`,
)
process.exitCode = unexpected.length + unfailed.length > 0 || passed.size === 0 ? 1 : 0
