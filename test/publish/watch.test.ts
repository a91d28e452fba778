import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Watching, watchFolder } from '../../src/publish/watch.ts'

let folder: string
let watching: Watching | undefined
let bursts: (readonly string[] | undefined)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-watch-'))
  mkdirSync(join(folder, 'src/ui'), { recursive: true })
  writeFileSync(join(folder, 'src/ui/card.sx'), '; 0')
  bursts = []
})
afterEach(() => {
  watching?.stop()
  rmSync(folder, { recursive: true, force: true })
})
const start = (work?: () => Promise<void>): void => {
  watching = watchFolder(folder, async paths => {
    bursts.push(paths)
    await work?.()
  })
}
const heard = (path: string): Promise<void> =>
  expect.poll(() => bursts.flat(), { timeout: 3000, interval: 5 }).toContain(path)

it('hears of a file again and again that an editor replaces by renaming another over it', async () => {
  start()
  for (const turn of [1, 2, 3]) {
    bursts.length = 0
    writeFileSync(join(folder, 'src/ui/card.sx.new'), `; ${turn}`)
    renameSync(join(folder, 'src/ui/card.sx.new'), join(folder, 'src/ui/card.sx'))
    await heard('src/ui/card.sx')
  }
  bursts.length = 0
  appendFileSync(join(folder, 'src/ui/card.sx'), '; in place')
  await heard('src/ui/card.sx')
})

it('hears of files in folders that came later, moved in whole, or came back after they were deleted', async () => {
  start()
  mkdirSync(join(folder, 'src/shop/deep'), { recursive: true })
  writeFileSync(join(folder, 'src/shop/deep/a.sx'), '; a')
  await heard('src/shop/deep/a.sx')
  renameSync(join(folder, 'src/shop'), join(folder, 'src/store'))
  await heard('src/store/deep/a.sx')
  bursts.length = 0
  appendFileSync(join(folder, 'src/store/deep/a.sx'), '; b')
  await heard('src/store/deep/a.sx')
  rmSync(join(folder, 'src/store'), { recursive: true })
  await heard('src/store')
  mkdirSync(join(folder, 'src/store'))
  writeFileSync(join(folder, 'src/store/b.sx'), '; c')
  await heard('src/store/b.sx')
})

it('tells a burst once, and the next only when the first is dealt with', async () => {
  let running = 0
  let most = 0
  start(async () => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, 60))
    running--
  })
  writeFileSync(join(folder, 'src/a.sx'), '; a')
  writeFileSync(join(folder, 'src/b.sx'), '; b')
  await heard('src/b.sx')
  expect(bursts).toEqual([expect.arrayContaining(['src/a.sx', 'src/b.sx'])])
  writeFileSync(join(folder, 'src/c.sx'), '; c')
  await heard('src/c.sx')
  expect(most).toBe(1)
})

it('leaves alone what is no part of a site, and is silent once stopped', async () => {
  start()
  mkdirSync(join(folder, '.git'))
  mkdirSync(join(folder, 'node_modules'))
  writeFileSync(join(folder, '.git/index'), 'x')
  writeFileSync(join(folder, 'src/card.sx~'), 'x')
  writeFileSync(join(folder, 'src/last.sx'), 'x')
  await heard('src/last.sx')
  expect(bursts.flat()).toEqual(['src/last.sx'])
  watching?.stop()
  writeFileSync(join(folder, 'src/more.sx'), 'x')
  await new Promise(resolve => setTimeout(resolve, 60))
  expect(bursts.flat()).toEqual(['src/last.sx'])
})
