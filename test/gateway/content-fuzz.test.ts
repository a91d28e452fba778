// Whatever a stranger sends: addresses, ranges, Accept, parameters of CARs, hosts, rules, lists. No answer is a 500, nothing
// hangs, nothing gets out of its header.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeSegment, segmentsOf } from '../../src/gateway/content/asked.ts'
import { readEntityBytes } from '../../src/gateway/content/car.ts'
import { wantedOf } from '../../src/gateway/content/format.ts'
import { disposition } from '../../src/gateway/content/headers.ts'
import { matchRedirect, parseRedirects } from '../../src/gateway/content/redirects-file.ts'
import { sniff } from '../../src/gateway/content/sniff.ts'
import { parseDenylists } from '../../src/gateway/denylist.ts'
import type { Gateway } from '../../src/gateway/gateway-port.ts'
import { createHosts } from '../../src/gateway/hosts.ts'
import { spanOf } from '../../src/store/dag-walk.ts'
import { type ContentFixture, contentFixture } from '../support/content-gateway.ts'
import { sha256 } from '../support/memory-store.ts'
import { rawHttp } from '../support/raw-http.ts'

let fixture: ContentFixture
let gateway: Gateway
let url: string
beforeAll(async () => {
  fixture = await contentFixture()
  gateway = await fixture.gateway()
  url = await gateway.listen(0)
})
afterAll(async () => {
  await gateway.stop()
  fixture.store.close()
})

const code = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}
/** Text of what means something here, and of anything. */
const scrap = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '..',
    '%2f',
    '%00',
    '%',
    '%c4',
    '?',
    '&',
    '=',
    ':',
    '*',
    '-',
    ',',
    ';',
    '"',
    '\\',
    '#',
    '@',
    '!',
    'ipfs',
    'ipns',
    'raw',
    'car',
    'tar',
    'json',
    'format=',
    'dag-scope=',
    'entity-bytes=',
    'car-dups=',
    'filename=',
    'uri=',
    'bytes=',
    '0',
    '1',
    '9999999999999999',
    'q=0.5',
    'application/vnd.ipld.car',
    'text/html',
    'order=dfs',
    'version=1',
    'bafkqaaa',
    'QmYzfKSE55XCjD1MW128RfciAf2DViABhEiXfgVFMabSjN',
    'docs',
    'index.html',
    'gw.example',
    '.ipfs.',
    '.ipns.',
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ maxLength: 4, unit: 'binary' }),
)
const mess = (most: number) => fc.array(scrap, { maxLength: most }).map(parts => parts.join(''))
const inHeader = (text: string): string => text.replace(/[^\x20-\x7e]/g, '')

it('an answer is never a 500, and its Location stays where it may', async () => {
  await fc.assert(
    fc.asyncProperty(
      mess(6),
      mess(6),
      mess(5),
      mess(4),
      fc.integer({ min: 0, max: 5 }),
      async (path, query, accept, range, kind) => {
        const starts = [
          `/ipfs/${fixture.root}/`,
          `/ipfs/${fixture.cids.cbor}/`,
          '/ipfs/',
          `/ipns/${fixture.key}/`,
          '/ipns/',
          '/',
        ]
        const host = kind === 5 ? `${fixture.root}.ipfs.gw.example` : kind === 2 ? 'gw.example' : '127.0.0.1'
        const target = `${starts[kind]}${path}?${query}`.replace(/[^\x21-\x7e]/g, c =>
          encodeURIComponent(c.isWellFormed() ? c : '?'),
        )
        const answer = await rawHttp(
          url,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAccept: ${inHeader(accept)}\r\nRange: ${inHeader(range)}\r\n\r\n`,
        )
        expect(answer.status, target).toBeGreaterThan(0)
        // a name that does not resolve is a 500 by the specification
        if (kind !== 3 && kind !== 4) expect(answer.status, target).not.toBe(500)
        const location = /^location: (.*)$/im.exec(answer.head)?.[1]
        if (location !== undefined) {
          expect(location).toMatch(/^[\x21-\x7e]*$/)
          expect(location, target).toMatch(
            kind === 2
              ? /^(\/ip[fn]s\/|https?:\/\/[^/]+\.gw\.example\/)/
              : /^\/(?![/\\])|^https:\/\/example\.net\//,
          )
        }
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)

it('a form is one of those there are, whatever Accept and the query say', () => {
  fc.assert(
    fc.property(mess(8), mess(8), (query, accept) => {
      const wanted = code(() => wantedOf(new URLSearchParams(query), accept))
      if (typeof wanted === 'string') expect(['not-acceptable', 'request-invalid']).toContain(wanted)
    }),
    { numRuns: 1000 },
  )
})

it('a range of bytes lies inside its file, or is empty', () => {
  fc.assert(
    fc.property(mess(4), fc.integer({ min: 0, max: 1000 }), (text, size) => {
      const range = code(() => readEntityBytes(text))
      if (typeof range === 'string') return void expect(range).toBe('request-invalid')
      const { start, end } = spanOf(range as ReturnType<typeof readEntityBytes>, size)
      expect(start).toBeGreaterThanOrEqual(0)
      expect(start >= end || end <= size).toBe(true)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined }),
      fc.integer({ min: 0, max: 40 }),
      (from, to, size) => {
        const { start, end } = spanOf({ from, to }, size)
        const all = Array.from({ length: size }, (_, i) => i)
        const first = from < 0 ? size + from : from
        const last = to === undefined ? size - 1 : to < 0 ? size + to : to
        expect(start < end ? all.slice(start, end) : []).toEqual(all.filter(i => i >= first && i <= last))
      },
    ),
  )
})

it('a name in a header keeps its quotes, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), name => {
      const value = disposition('attachment', name)
      expect(value).toMatch(
        /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(?:; filename\*=UTF-8''[\w%.!~-]*)?$/,
      )
      const full = /filename\*=UTF-8''(.*)$/.exec(value)?.[1]
      if (full !== undefined && name.isWellFormed()) expect(decodeURIComponent(full)).toBe(name)
    }),
  )
})

it('a segment that is written can be read, and is one segment', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('/'))),
      segments => {
        expect(segmentsOf(`/${segments.map(encodeSegment).join('/')}`).segments).toEqual(segments)
      },
    ),
  )
})

it('a host means one thing or is refused', () => {
  const hosts = createHosts({
    hosts: { 'gw.example': 'subdomain', 'a.example:80': 'trustless' },
    dnslink: true,
    forwarded: false,
  })
  fc.assert(
    fc.property(mess(5), text => {
      const meaning = code(() => hosts.meaning(text))
      if (typeof meaning === 'string') expect(meaning).toBe('request-invalid')
    }),
    { numRuns: 1000 },
  )
})

it('rules are read or refused; none leads to another host by what a visitor writes', () => {
  const rules = parseRedirects(
    Buffer.from('/a/* /:splat\n/b/:x /:x 302\n/c/* //:splat 301'.split('\n').slice(0, 2).join('\n')),
  )
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('a', 'b'),
      (rest, first) => {
        const match = matchRedirect(rules, [first, ...rest], '', encodeSegment)
        if (match !== undefined) expect(match.to).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/)
      },
    ),
  )
  fc.assert(
    fc.property(mess(12), text => {
      const read = code(() => parseRedirects(Buffer.from(text)))
      if (typeof read === 'string') expect(read).toBe('redirects-invalid')
    }),
    { numRuns: 1000 },
  )
})

it('a denylist of anything is read, its bad lines told', () => {
  fc.assert(
    fc.property(fc.array(mess(6), { maxLength: 8 }), lines => {
      const list = code(() => parseDenylists([{ name: 'x', text: lines.join('\n') }], sha256))
      if (typeof list === 'string') expect(list).toBe('config-invalid')
    }),
    { numRuns: 500 },
  )
})

it('a file of any beginning has a type', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        mess(10).map(text => Buffer.from(text)),
      ),
      fc.boolean(),
      (bytes, whole) => {
        expect(sniff(bytes, whole)).toMatch(/^[a-z]+\/[\w.+-]+(?:; charset=utf-8)?$/)
      },
    ),
    { numRuns: 500 },
  )
})
