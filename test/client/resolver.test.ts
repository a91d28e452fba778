import { describe, expect, it } from 'vitest'
import { createResolver, type ResolverOptions, type SourceError } from '../../src/client/resolver.ts'
import { sha256 } from '../../src/client/sha256.ts'
import { createMemoryTier } from '../../src/client/tiers/memory.ts'
import type { Tier } from '../../src/client/tiers/tier.ts'
import { matches } from '../../src/ipld/block.ts'
import { cidOf, RAW } from '../../src/ipld/cid.ts'

type Bytes = Uint8Array<ArrayBuffer>
const bytesOf = (text: string): Bytes => new TextEncoder().encode(text) as Bytes
const truth = bytesOf('the truth')
const lie = bytesOf('a lie')
const cid = cidOf(RAW, sha256(truth))

interface Recording extends Tier {
  readonly asked: string[]
  readonly kept: Map<string, Bytes>
}
type Answer = (cid: string, signal: AbortSignal | undefined, fresh?: boolean) => Promise<Bytes | undefined>
const tier = (name: string, answer: Answer, remote = false): Recording => {
  const asked: string[] = []
  const kept = new Map<string, Bytes>()
  return {
    name,
    remote,
    asked,
    kept,
    get(c, signal, fresh) {
      asked.push(fresh ? `${c} fresh` : c)
      return answer(c, signal, fresh)
    },
    put: (c, bytes) => void kept.set(c, bytes),
  }
}
const remote = (name: string, answer: Answer): Recording => tier(name, answer, true)
const never = (): Promise<never> => new Promise(() => undefined)

function resolverOf(tiers: Tier[], options: Partial<ResolverOptions> = {}) {
  const reported: SourceError[] = []
  const resolver = createResolver({
    tiers,
    digest: async bytes => sha256(bytes),
    matches,
    report: e => reported.push(e),
    patience: [30, 60],
    stagger: 10,
    ...options,
  })
  return { resolver, reported }
}

describe('resolver', () => {
  it('answers from the nearest tier that has the block, and fills the nearer ones', async () => {
    const near = tier('memory', async () => undefined)
    const middle = tier('indexeddb', async () => truth)
    const far = remote('far', async () => truth)
    const { resolver, reported } = resolverOf([near, middle, far])
    const found = await resolver.get(cid)
    expect(found).toEqual({ bytes: truth, tier: middle })
    expect(near.kept.get(cid)).toEqual(truth)
    expect(middle.kept.size).toBe(0)
    expect(far.asked).toEqual([])
    expect(reported).toEqual([])
  })

  it('skips a tier that lies, says so, and heals it with the truth', async () => {
    const near = tier('indexeddb', async () => lie)
    const { resolver, reported } = resolverOf([near, remote('far', async () => truth)])
    expect((await resolver.get(cid)).bytes).toEqual(truth)
    expect(reported).toEqual([{ cid, source: 'indexeddb', reason: 'mismatch' }])
    expect(near.kept.get(cid)).toEqual(truth)
  })

  it('takes a stored value that is no bytes for a lie', async () => {
    const near = tier('indexeddb', async () => 'text' as unknown as Bytes)
    const { resolver, reported } = resolverOf([near, remote('far', async () => truth)])
    expect((await resolver.get(cid)).bytes).toEqual(truth)
    expect(reported).toEqual([{ cid, source: 'indexeddb', reason: 'mismatch' }])
  })

  it('skips a tier that throws and one that never answers', async () => {
    const broken = tier('broken', async () => {
      throw Error('denied')
    })
    const { resolver, reported } = resolverOf([
      broken,
      tier('stuck', never),
      remote('hangs', never),
      remote('far', async () => truth),
    ])
    expect((await resolver.get(cid)).tier.name).toBe('far')
    expect(reported.map(r => [r.source, r.reason])).toEqual([
      ['broken', 'denied'],
      ['stuck', 'timeout'],
      ['hangs', 'slow'],
    ])
  })

  it('reports a remote source whose time is over, when nobody else was faster', async () => {
    const { resolver, reported } = resolverOf([
      remote('hangs', never),
      remote('empty', async () => undefined),
    ])
    await expect(resolver.get(cid)).rejects.toThrow(cid)
    expect(reported).toEqual([{ cid, source: 'hangs', reason: 'timeout' }])
  })

  it('goes on without a storage that hangs, and says so once', async () => {
    const stuck = tier('stuck', never)
    const many = Array.from({ length: 10 }, (_, i) => bytesOf(`block ${i}`))
    const far = remote('far', async c => many.find(b => cidOf(RAW, sha256(b)) === c))
    const { resolver, reported } = resolverOf([stuck, far])
    await Promise.all(many.map(b => resolver.get(cidOf(RAW, sha256(b)))))
    expect(reported.map(r => r.source)).toEqual(['stuck'])
    expect(resolver.tiers).toEqual([far])
  })

  it('tells a tier to stop when its time is over', async () => {
    let told: AbortSignal | undefined
    const { resolver } = resolverOf([
      remote('hangs', (_, signal) => {
        told = signal
        return never()
      }),
      remote('far', async () => truth),
    ])
    await resolver.get(cid)
    expect(told?.aborted).toBe(true)
  })

  it('rejects when nobody tells the truth, and asks a liar once more past its caches', async () => {
    const liar = remote('liar', async () => lie)
    const empty = remote('empty', async () => undefined)
    const { resolver } = resolverOf([liar, empty])
    await expect(resolver.get(cid)).rejects.toThrow(cid)
    expect(liar.asked).toEqual([cid, `${cid} fresh`])
    expect(empty.asked).toEqual([cid])
  })

  it('believes a source whose wrong answer was only cached', async () => {
    const { resolver, reported } = resolverOf([
      remote('cached', async (_, __, fresh) => (fresh ? truth : lie)),
    ])
    expect((await resolver.get(cid)).bytes).toEqual(truth)
    expect(reported).toHaveLength(1)
  })

  it('shares one search between callers of the same CID', async () => {
    const far = remote('far', async () => truth)
    const { resolver } = resolverOf([far])
    const [a, b] = await Promise.all([resolver.get(cid), resolver.get(cid)])
    expect(a).toBe(b)
    expect(far.asked).toHaveLength(1)
  })

  it('searches again after a failure: nothing is remembered as lost', async () => {
    let there = false
    const { resolver } = resolverOf([remote('late', async () => (there ? truth : undefined))])
    await expect(resolver.get(cid)).rejects.toThrow()
    there = true
    expect((await resolver.get(cid)).bytes).toEqual(truth)
  })

  it('asks the next source when one keeps it waiting, and takes whoever answers first', async () => {
    const later = (ms: number) => new Promise<Bytes>(done => setTimeout(done, ms, truth))
    const first = remote('first', () => later(60))
    const second = remote('second', () => later(110))
    const third = remote('third', async () => truth)
    const { resolver, reported } = resolverOf([first, second, third], { patience: [30, 500], stagger: 50 })
    expect((await resolver.get(cid)).tier).toBe(first)
    await later(130)
    expect([first, second, third].map(one => one.asked.length)).toEqual([1, 1, 0])
    expect(reported).toEqual([])
    // To be asked and not needed counts against nobody.
    expect((await resolver.get(cid)).tier).toBe(first)
    await later(130)
    expect([first, second, third].map(one => one.asked.length)).toEqual([2, 2, 0])
  })

  it('asks one at a time where the wait for the next is as long as a source may take', async () => {
    const slow = remote('slow', () => new Promise(done => setTimeout(done, 40, truth)))
    const other = remote('other', async () => truth)
    const { resolver } = resolverOf([slow, other], { patience: [30, 500], stagger: 500 })
    expect((await resolver.get(cid)).tier).toBe(slow)
    expect(other.asked).toEqual([])
  })

  it('asks whoever delivers first, from then on', async () => {
    const many = Array.from({ length: 8 }, (_, i) => bytesOf(`block ${i}`))
    const has = async (c: string) => many.find(b => cidOf(RAW, sha256(b)) === c)
    const failing = remote('failing', async () => {
      throw Error('status 429')
    })
    const good = remote('good', has)
    const untried = remote('untried', has)
    const { resolver, reported } = resolverOf([failing, good, untried])
    for (const b of many) await resolver.get(cidOf(RAW, sha256(b)))
    expect([failing, good, untried].map(one => one.asked.length)).toEqual([1, 8, 0])
    expect(reported).toHaveLength(1)
  })

  it('keeps a record of what came from where', async () => {
    const { resolver } = resolverOf([
      tier('indexeddb', async () => undefined),
      remote('far', async () => truth),
    ])
    await resolver.get(cid)
    expect(resolver.log).toEqual([{ cid, source: 'far', bytes: truth.length }])
  })

  it('asks who failed last, so that one slow source costs one wait', async () => {
    const slow = remote('slow', never)
    const many = Array.from({ length: 20 }, (_, i) => bytesOf(`block ${i}`))
    const far = remote('far', async c => many.find(b => cidOf(RAW, sha256(b)) === c))
    const { resolver } = resolverOf([slow, far])
    await Promise.all(many.map(b => resolver.get(cidOf(RAW, sha256(b)))))
    // whoever was under way had asked it already; nobody does after that
    await Promise.all(many.slice(0, 5).map(b => resolver.get(cidOf(RAW, sha256(b)))))
    expect(slow.asked.length).toBe(20)
    expect(far.asked.length).toBe(25)
  })
})

describe('memory tier', () => {
  it('lets the oldest go when it is full', async () => {
    const memory = createMemoryTier(10)
    const signal = AbortSignal.timeout(1000)
    memory.put?.('a', bytesOf('12345'))
    memory.put?.('b', bytesOf('12345'))
    memory.put?.('c', bytesOf('123'))
    expect(await memory.get('a', signal)).toBeUndefined()
    expect(await memory.get('b', signal)).toEqual(bytesOf('12345'))
    expect(await memory.get('c', signal)).toEqual(bytesOf('123'))
  })
})
