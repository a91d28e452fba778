// The process that kill.test.ts kills: commits build after build and says on descriptor 3 what it is doing. Told to, it
// stands still in the middle of its second commit, so that the kill finds it there however busy the machine is.
import { writeSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { openStore } from '../../src/store/sqlite.ts'
import { build, SITE } from './kill-build.ts'
import { nodeSha256 } from './sha256.ts'

/** `haltAt`: after so many writes of a commit; 0: before its COMMIT; nothing: never */
const [path, first, haltAt] = process.argv.slice(2) as [string, string, string?]
const say = (line: string): void => void writeSync(3, `${line}\n`)

// Markers from inside the transaction, without a line for it in the product: the driver's own calls are watched.
let inside = false
let acknowledged = false
let writes = 0
const halt = (): void => {
  say('halted')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'COMMIT') {
    say('committing')
    if (acknowledged && haltAt === '0') halt()
  }
  if (sql === 'BEGIN IMMEDIATE') {
    writes = 0
  }
  exec.call(this, sql)
  inside = sql === 'BEGIN IMMEDIATE'
}
const { run } = StatementSync.prototype
StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
  const result = run.apply(this, values)
  if (acknowledged && ++writes === Number(haltAt)) halt()
  if (inside) say('written')
  inside = false
  return result
} as typeof run

const store = openStore({ path, sha256: nodeSha256, version: 'test' })
for (let number = Number(first); ; number++) {
  const blocks = build(number)
  const root = blocks.at(-1)!.cid
  say('verifying')
  store.commit({ site: SITE, root, blocks, keep: 3, version: 'test' })
  say(`acknowledged ${root}`)
  acknowledged = true
}
