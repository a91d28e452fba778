import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { keyword, sym } from '../../src/lang/values.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

it('gives one object for a name that comes again', () => {
  expect(sym('a')).toBe(sym('a'))
  expect(keyword('a')).toBe(keyword('a'))
})

it('forgets names that were read: four hundred thousand of them take no more room than the first hundred thousand', () => {
  const read = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      sym(`a-name-of-somebody-${i}`)
      keyword(`a-key-of-somebody-${i}`)
    }
  }
  read(0, 100_000)
  const before = heap()
  read(100_000, 400_000)
  // Both tables may be fuller than before; what they may hold is about 20 MB.
  expect(heap() - before).toBeLessThan(24_000_000)
})
