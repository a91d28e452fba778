// The short way that blocks take past the router, on a real socket: it says what the route says, or leaves the word to it.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway } from '../../src/gateway/gateway-port.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import { createTestSite, type TestSite } from '../support/gateway-site.ts'
import { sha256 } from '../support/memory-store.ts'
import { rawGet } from '../support/raw-http.ts'

let site: TestSite
let large: string
let gateway: Gateway
let url: string
const open = (of: TestSite) =>
  createGateway({ store: of.store, files: of.files, sha256, clock: () => 1e12, limits: { listeners: 1 } })

beforeAll(async () => {
  site = await createTestSite()
  large = site.store.put(encodeNode({ kind: 'value', body: 'much of it '.repeat(300) }), DAG_CBOR)
  gateway = await open(site)
  url = await gateway.listen(0)
})
afterAll(() => gateway.stop())

const brotli = { 'accept-encoding': 'br' }
const asked: readonly [what: string, target: () => string, headers?: Record<string, string>][] = [
  ['a definition', () => site.cids.card],
  ['a definition for a program that takes brotli', () => site.cids.card, brotli],
  ['a definition for a browser', () => site.cids.card, { accept: 'text/html,*/*;q=0.8' }],
  ['a definition that is known already', () => site.cids.card, { 'if-none-match': '*' }],
  ['its text', () => `${site.cids.card}?format=sx`],
  ['a large definition', () => large],
  ['a large definition, packed', () => large, brotli],
  ['a large definition, plain again', () => large],
  ['what the site boots from', () => site.cids.kernel],
  ['an image', () => site.cids.image, brotli],
  ['a directory', () => site.cids.files],
  ['a block that nobody has', () => site.cids.card.replace(/.{8}$/, 'aaaaaaaa')],
  ['a CID with a letter that is none', () => site.cids.card.replace(/.$/, '1')],
  ['no CID', () => 'bafyrei'],
]

it.each(asked)('%s: as by the route, cold and hot', async (_what, target, headers = {}) => {
  const byRoute = await (await open(site)).inject({ url: `/sx/h/${target()}`, headers })
  for (const turn of ['cold', 'hot']) {
    const answer = await fetch(`${url}sx/h/${target()}`, {
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...headers },
    })
    const { date: _d, connection: _c, 'keep-alive': _k, ...told } = Object.fromEntries(answer.headers)
    const { date: _e, connection: _f, ...expected } = byRoute.headers
    expect({ status: answer.status, ...told }, turn).toEqual({ status: byRoute.statusCode, ...expected })
  }
})

it('a key of the cache that is no CID is no address', async () => {
  await fetch(`${url}sx/h/${site.cids.card}?format=sx`)
  await fetch(`${url}sx/h/${large}`, { headers: brotli })
  expect((await fetch(`${url}sx/h/${site.cids.card}.sx`)).status).toBe(400)
  expect((await fetch(`${url}sx/h/${large}.br`)).status).toBe(400)
})

it('a damaged block is an error on this way too', async () => {
  const broken = await createTestSite()
  broken.store.corrupt(broken.cids.card)
  const other = await open(broken)
  const at = await other.listen(0)
  const answer = await fetch(`${at}sx/h/${broken.cids.card}`)
  expect(answer.status).toBe(500)
  expect(((await answer.json()) as { code: string }).code).toBe('store-corrupt')
  await other.stop()
})

it('HEAD has the headers and no body', async () => {
  const answer = await rawGet(url, `/sx/h/${site.cids.card}`, {}, 'HEAD')
  expect(answer.status).toBe(200)
  expect(answer.head).toMatch(/^content-length: \d+\r?$/im)
  expect(answer.body).toBe('')
})
