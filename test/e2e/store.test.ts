import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, createSandbox, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
let folder: string
beforeAll(() => {
  sandbox = createSandbox()
  folder = sandbox.copyExample('site')
})
afterAll(() => sandbox?.stop())

const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')))

it('sx build while sx serve runs on the same store: what is served is the new root, at once', async () => {
  const server = await sandbox.start(['serve', folder, '--port', '0'])
  const title = async (): Promise<string> =>
    /<h1>(.*?)<\/h1>/.exec(await (await fetch(server.url)).text())![1]!
  expect(await title()).toBe('From the seed to the page')
  edit('src/home.sx', text => text.replace('From the seed to the page"', 'From the seed to the loaf"'))
  const built = await build(sandbox, folder)
  expect(await title()).toBe('From the seed to the loaf')
  const page = built.pages.find(({ path }) => path === '/')!.cid
  expect((await fetch(`${server.url}sx/h/${page}`)).status).toBe(200)
  const ended = await server.stop()
  expect(ended.status).toBe(0)
})

it('two writers: both get their root, one after the other', async () => {
  const other = sandbox.copyExample('other')
  const [a, b] = await Promise.all([build(sandbox, folder), build(sandbox, other)])
  for (const { root } of [a, b]) expect((await sandbox.run(['inspect', root, '--json'])).status).toBe(0)
})

it('a writer waits for one that is not done, and goes on when it is', async () => {
  const holder = new DatabaseSync(sandbox.store)
  holder.exec('BEGIN IMMEDIATE')
  edit('src/home.sx', text => text.replace('to the loaf"', 'to the crumb"'))
  const building = build(sandbox, folder)
  await new Promise(resolve => setTimeout(resolve, 1200))
  holder.exec('ROLLBACK')
  holder.close()
  expect((await building).root).toMatch(/^bafyrei/)
})

it('a writer that waits in vain says so, exits with 6, and leaves the store as it was', async () => {
  const before = await build(sandbox, folder)
  const holder = new DatabaseSync(sandbox.store)
  holder.exec('BEGIN IMMEDIATE')
  edit('src/home.sx', text => text.replace('to the crumb"', 'to the table"'))
  const ran = await sandbox.run(['build', folder])
  holder.exec('ROLLBACK')
  holder.close()
  expect(ran.status).toBe(6)
  expect(ran.out).toBe('')
  expect(ran.err).toMatch(/store .* is being written by/)
  expect(ran.err).toContain('--store')
  edit('src/home.sx', text => text.replace('to the table"', 'to the crumb"'))
  expect(await build(sandbox, folder)).toMatchObject({ root: before.root, reused: before.blocks })
})

it('a store of another program, and a file that is none, are refused and left alone', async () => {
  const foreign = sandbox.path('foreign.sqlite')
  new DatabaseSync(foreign).exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1)')
  sandbox.write('.', {
    'text.sqlite': 'not a database at all, only some text that is long enough to be looked at',
  })
  for (const store of [foreign, sandbox.path('text.sqlite')]) {
    const before = readFileSync(store)
    const ran = await sandbox.run(['build', folder, '--store', store])
    expect([ran.status, ran.out]).toEqual([6, ''])
    expect(readFileSync(store)).toEqual(before)
  }
})
