// kill −9 at random points of a build-and-store loop: the store opens, what was acknowledged is whole, no block is wrong.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { cidOf, DAG_CBOR, parseCid } from '../../src/ipld/cid.ts'
import { digestKey, digestOf, eachLink } from '../../src/store/links.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { SITE } from './kill-build.ts'
import { random, sha256, temporaryFolder } from './support.ts'

const ROUNDS = 40
const child = fileURLToPath(new URL('kill-child.ts', import.meta.url))

/**
 * Starts the loop, kills it a moment after it said `marker` for the `nth` time, and returns all that it said. `haltAt`: see
 * kill-child.ts.
 */
async function runAndKill(
  path: string,
  first: number,
  marker: string,
  nth: number,
  delay: number,
  haltAt?: number,
): Promise<string[]> {
  const more = haltAt === undefined ? [] : [String(haltAt)]
  const running = spawn(process.execPath, [child, path, String(first), ...more], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  let said = ''
  let armed = false
  const pipe = running.stdio[3] as Readable
  pipe.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (armed || said.split('\n').filter(line => line.startsWith(marker)).length < nth) return
    armed = true
    setTimeout(() => running.kill('SIGKILL'), delay)
  })
  const [[code, signal]] = await Promise.all([once(running, 'exit'), once(pipe, 'close')])
  expect([code, signal]).toEqual([null, 'SIGKILL'])
  return said.split('\n').slice(0, -1)
}

it('is whole after each of 40 kills, at least 16 of them between the first write and the commit', {
  timeout: 300_000,
}, async () => {
  const path = join(temporaryFolder(), 'store.sqlite')
  const next = random(Date.now() % 1e9)
  const acknowledged: string[] = []
  const phases: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const marker = ['halted', 'written', 'halted', 'verifying', 'acknowledged'][round % 5]!
    // Some stand still in the middle of a transaction, anywhere up to its COMMIT; the others run on until it hits them.
    const said =
      marker === 'halted'
        ? await runAndKill(
            path,
            round * 20,
            marker,
            1,
            0,
            round % 10 === 0 ? 0 : 1 + Math.floor(next() * 150),
          )
        : await runAndKill(
            path,
            round * 20,
            marker,
            1 + Math.floor(next() * 2),
            next() * (marker === 'written' ? 4 : 12),
          )
    phases.push(said.at(-1)!.split(' ')[0]!)
    acknowledged.push(...said.filter(line => line.startsWith('acknowledged ')).map(line => line.slice(13)))

    const store = openStore({ path, sha256, version: 'test' })
    const roots = store.roots(SITE).map(record => record.root)
    // One more commit may have ended before it could be acknowledged, so two of the three kept roots are certain.
    for (const root of acknowledged.slice(-2)) expect(roots).toContain(root)
    expect(roots.length).toBeLessThanOrEqual(3)
    const reached = new Set<string>()
    const stack = roots.map(root => digestKey(parseCid(root).digest))
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (reached.has(at)) continue
      reached.add(at)
      const bytes = store.get(cidOf(DAG_CBOR, digestOf(at)))
      expect(bytes).toBeDefined()
      eachLink(DAG_CBOR, bytes!, link => stack.push(link))
    }
    for (
      let page = store.blocks.page(0, 1000);
      page.digests.length > 0;
      page = store.blocks.page(page.last, 1000)
    ) {
      const loose = page.digests.filter(digest => {
        expect(store.blocks.get(digest)).toBeDefined()
        expect(store.blocks.isPinned(digest)).toBe(reached.has(digestKey(digest)))
        return !reached.has(digestKey(digest))
      })
      store.blocks.delete(loose)
    }
    store.close()
  }
  const sql = new DatabaseSync(path)
  expect(sql.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  sql.close()
  const counts = Object.fromEntries(
    Map.groupBy(phases, phase => phase)
      .entries()
      .map(([phase, all]) => [phase, all.length]),
  )
  console.log(`killed while: ${phases.map((phase, round) => `${round} ${phase}`).join(', ')}`)
  console.log('kills by last marker:', counts, `${acknowledged.length} roots acknowledged`)
  expect(counts.halted).toBe(16)
})
