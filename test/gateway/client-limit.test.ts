// How often one client may have something run, and who a client is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientOf } from '../../src/gateway/client-address.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'

describe('a client', () => {
  it.each([
    ['127.0.0.1', undefined, false, '127.0.0.1'],
    ['::ffff:10.0.0.7', undefined, false, '10.0.0.7'],
    ['2001:DB8:0:1:aa::1', undefined, false, '2001:db8:0:1'],
    ['2001:db8:0:1:ffff::2', undefined, false, '2001:db8:0:1'],
    ['fe80::1%eth0', undefined, false, 'fe80:0:0:0'],
    ['::1', undefined, false, '0:0:0:0'],
    ['127.0.0.1', '203.0.113.9', false, '127.0.0.1'],
    ['127.0.0.1', '198.51.100.1, 203.0.113.9', true, '203.0.113.9'],
    ['127.0.0.1', undefined, true, '127.0.0.1'],
    ['127.0.0.1', ' ', true, '127.0.0.1'],
    [undefined, undefined, false, ''],
  ])('%s, forwarded for %s (believed: %s), is %s', (remote, forwardedFor, forwarded, client) => {
    expect(clientOf(remote, forwardedFor, forwarded)).toBe(client)
  })
})

describe('what runs for one client', () => {
  let now = 0
  let site: BuiltSite
  beforeAll(async () => {
    site = await serveSite(
      {
        'src/a.sx':
          '(defquery one () 1)\n(defaction do-it () 2)\n(defpage home :path "/" :title "T" :content (p "x"))',
      },
      { limits: { runsPerMinute: 3 }, clock: () => now },
    )
  })
  afterAll(() => site.stop())
  const ask = (url: string, method: 'GET' | 'POST' = 'GET') =>
    site.gateway.inject({
      method,
      url,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, payload: '{}' }),
    })

  it('is bounded, all of it together, and a 429 says when to come back', async () => {
    expect((await ask('/sx/q/one')).statusCode).toBe(200)
    expect((await ask('/sx/a/do-it', 'POST')).statusCode).toBe(200)
    expect((await ask('/sx/q/one')).statusCode).toBe(200)
    const refused = await ask('/sx/q/one')
    expect([refused.statusCode, refused.headers['retry-after'], JSON.parse(refused.payload).code]).toEqual([
      429,
      '20',
      'too-many-requests',
    ])
    expect((await ask('/sx/a/do-it', 'POST')).statusCode).toBe(429)
    expect((await ask('/')).statusCode).toBe(200)
    now += 20_000
    expect((await ask('/sx/q/one')).statusCode).toBe(200)
    expect((await ask('/sx/q/one')).statusCode).toBe(429)
  })
})
