// Files of the runtime, and what a page's policy says of them.
import { describe, expect, it } from 'vitest'
import { AS_SCRIPT } from '../../src/ipld/runtime-file.ts'
import type { Block } from '../../src/ports.ts'
import { hashSource } from '../../src/publish/csp.ts'
import { createParts } from '../../src/publish/parts.ts'
import { sha256 } from '../support/memory-store.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const names = ['page', 'ways', 'a', 'b', 'c']
const boot = {
  loader: bytes('1'),
  kernel: bytes('{kernel:{}}'),
  platform: bytes('()=>({})'),
  modules: new Map(names.map(name => [name, bytes(`()=>({${name}:1})`)])),
}

const create = () => {
  const emitted: Block[] = []
  const wants = { navigation: false, offline: false, status: false }
  const cids = new Map(names.map(name => [name, `cid-${name}`]))
  return { emitted, ...createParts(boot, cids, wants, sha256, block => void emitted.push(block)) }
}
const pages = [
  { runtime: ['cid-a', 'cid-b'], live: ['cid-a'] },
  { runtime: ['cid-c'], live: ['cid-c'] },
  { runtime: ['cid-b'], live: [] },
]

describe('files of the runtime', () => {
  it('are named by a policy as they are run, after the loader and the kernel', () => {
    const { of, scripts, emit, emitted } = create()
    const parts = of(pages[0]!)
    emit(parts)
    const texts = parts.map(cid => new TextDecoder().decode(emitted.find(block => block.cid === cid)!.bytes))
    expect(texts[0]).toBe('{"cid-a":()=>({a:1})}')
    expect(scripts({ parts })).toEqual([
      hashSource('1', sha256),
      ...[new TextDecoder().decode(boot.kernel), ...texts].map(text => hashSource(AS_SCRIPT + text, sha256)),
    ])
  })

  it('stand in a policy in the order of its manifest, whichever pages were built before', () => {
    const policies = [pages, pages.toReversed()].map(order => {
      const { of, scripts } = create()
      for (const page of order) of(page)
      const [first, ...others] = pages.map(page => of(page))
      const routes = others.map(parts => ({ path: '/', page: '', closure: '', packs: [], defs: {}, parts }))
      return scripts({ parts: first!, routes })
    })
    expect(policies[0]).toEqual(policies[1])
    expect(policies[0]).toHaveLength(7)
  })
})
