import { describe, expect, it } from 'vitest'
import { pickRoute, sourcesNear } from '../../src/client/route.ts'
import { placeOf } from '../../src/ipld/place.ts'

describe('placeOf', () => {
  it.each([
    ['/', '/', '/', '/'],
    ['/', '/index.html', '/', '/'],
    ['/', '/ipfs/bafyx/', '/ipfs/bafyx/', '/'],
    ['/market', '/market', '/', '/market'],
    ['/market', '/market/', '/', '/market'],
    ['/market', '/market/index.html', '/', '/market'],
    ['/market', '/ipfs/bafyx/market/', '/ipfs/bafyx/', '/market'],
    ['/a/b', '/coop/a/b/', '/coop/', '/a/b'],
  ])('%s at %s has the base %s', (pattern, pathname, base, path) => {
    expect(placeOf(pattern, pathname)).toEqual({ base, path, params: new Map() })
  })

  it('binds decoded parameters and writes the path as the publisher does, however the location has it', () => {
    expect(placeOf('/posts/<slug>', '/ipns/x.org/posts/caf%c3%a9&co/')).toEqual({
      base: '/ipns/x.org/',
      path: '/posts/caf%C3%A9%26co',
      params: new Map([['slug', 'café&co']]),
    })
  })

  it('does not find a pattern that is not there', () => {
    expect(placeOf('/market', '/cart/')).toBeUndefined()
    expect(placeOf('/a/b', '/b')).toBeUndefined()
    expect(placeOf('/posts/<slug>', '/posts/%E0%A4%A/')).toBeUndefined()
  })
})

describe('pickRoute', () => {
  const routes = ['/<slug>', '/posts/<slug>', '/posts/<year>/<slug>', '/posts/new'].map(path => ({ path }))
  const pick = (pathname: string) => pickRoute(routes, pathname)?.route.path

  it('prefers the route that explains most of the path, then the one with fewest parameters', () => {
    expect(pick('/posts/2026/hello')).toBe('/posts/<year>/<slug>')
    expect(pick('/posts/hello')).toBe('/posts/<slug>')
    expect(pick('/posts/new')).toBe('/posts/new')
    expect(pick('/ipfs/bafyx/posts/hello/')).toBe('/posts/<slug>')
    expect(pick('/about')).toBe('/<slug>')
  })

  it('believes a pattern of nothing but parameters only at a known base', () => {
    expect(pick('/foo/bar')).toBeUndefined()
    expect(pick('/ipfs/bafyx/about')).toBe('/<slug>')
    expect(pick('/coop/posts/hello')).toBe('/posts/<slug>')
  })
})

describe('sourcesNear', () => {
  it('asks where a release directory has blocks, which our own server answers, too', () => {
    expect(sourcesNear('https://x', '/')).toEqual(['https://x/_sx/b/{cid}', 'https://x/sx/h/{cid}'])
    expect(sourcesNear('https://x', '/ipfs/b/')).toEqual([
      'https://x/ipfs/b/_sx/b/{cid}',
      'https://x/ipfs/{cid}?format=raw',
      'https://x/sx/h/{cid}',
    ])
    expect(sourcesNear('https://x', '/coop/')).toEqual(['https://x/coop/_sx/b/{cid}', 'https://x/sx/h/{cid}'])
  })
})
