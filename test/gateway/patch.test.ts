import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prove } from '../../src/ipld/pack.ts'
import { nodesOfPage } from '../../src/ipld/page-nodes.ts'
import { applyPatch } from '../../src/ipld/patch.ts'
import { openSite } from '../../src/ipld/site.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { sha256 } from '../support/memory-store.ts'
import { inflate } from '../support/packs.ts'

describe('GET /sx/d/{old}..{new}', () => {
  let site: BuiltSite
  let pages: Record<'old' | 'next' | 'other', string>
  const load = (cid: string): Uint8Array => site.store.get(cid)!
  const home = (): Record<string, string> =>
    Object.fromEntries(
      [...openSite(site.store.roots()[0]!.root, { sha256, load }).pages()].map(({ path, page }) => [
        path,
        page,
      ]),
    )
  const get = (url: string, headers: Record<string, string> = {}) =>
    site.gateway.inject({ method: 'GET', url, headers })

  beforeAll(async () => {
    const parts = Array.from(
      { length: 30 },
      (_, i) => `(defcomp ~part-${i} () (p "part ${i}" ${i ? `(~part-${i - 1})` : ''}))`,
    )
    site = await serveSite({
      'src/parts.sx': parts.join('\n'),
      'src/home.sx':
        '(defpage home :path "/" :content (~part-29))\n(defpage other :path "/other" :content (~part-28))',
    })
    const first = home()
    await site.build({ 'src/parts.sx': parts.join('\n').replace('"part 3"', '"part three"') })
    pages = { old: first['/']!, next: home()['/']!, other: home()['/other']! }
  })
  afterAll(() => site.stop())

  it('answers with the patch, for ever', async () => {
    const answer = await get(`/sx/d/${pages.old}..${pages.next}`)
    expect([answer.statusCode, answer.headers['cache-control'], answer.headers.etag]).toEqual([
      200,
      'public, max-age=29030400, immutable',
      `"${pages.old}..${pages.next}"`,
    ])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.rawPayload.length).toBeLessThan(150)
    const inflated = await inflate(new Uint8Array(answer.rawPayload), 1 << 20)
    const made = applyPatch(inflated, pages.old, nodesOfPage(pages.old, load).nodes)
    await prove(made, pages.next, sha256)
    expect((await get(`/sx/d/${pages.old}..${pages.next}`)).rawPayload).toEqual(answer.rawPayload)
    // back again
    expect((await get(`/sx/d/${pages.next}..${pages.old}`)).statusCode).toBe(200)
    const same = await get(`/sx/d/${pages.old}..${pages.next}`, {
      'if-none-match': answer.headers.etag as string,
    })
    expect([same.statusCode, same.rawPayload.length]).toEqual([304, 0])
  })
  it('answers with the same where a release directory has patches, when a page is named', async () => {
    const { rawPayload } = await get(`/sx/d/${pages.old}..${pages.next}`)
    const named = await get(`/_sx/patches/${pages.old}?to=${pages.next}`)
    expect([named.statusCode, named.rawPayload]).toEqual([200, rawPayload])
    expect((await get(`/_sx/patches/${pages.old}?to=${pages.other}`)).statusCode).toBe(404)
    expect((await get(`/_sx/patches/${pages.old}?to=x`)).statusCode).toBe(400)
    // without one: the release's, of which there is none
    expect((await get(`/_sx/patches/${pages.old}`)).statusCode).toBe(404)
  })

  it('has none between pages of two routes, from a page to itself, or of what is not here', async () => {
    const nobody = pages.old.replace(/....$/, 'aaaa')
    for (const pair of [
      `${pages.old}..${pages.other}`,
      `${pages.old}..${pages.old}`,
      `${nobody}..${pages.next}`,
    ])
      expect((await get(`/sx/d/${pair}`)).statusCode).toBe(404)
    expect((await get(`/sx/d/${pages.old}..${pages.other}`)).headers['cache-control']).not.toContain(
      'immutable',
    )
  })
  it('says what it can’t read', async () => {
    for (const pair of [
      '',
      'x',
      `${pages.old}`,
      `${pages.old}..`,
      `${pages.old}..x`,
      `${pages.old}..${pages.next}..x`,
    ])
      expect((await get(`/sx/d/${pair}`)).statusCode).toBe(400)
  })
})
