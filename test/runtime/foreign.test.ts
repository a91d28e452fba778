import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Node } from '../../src/ipld/kinds.ts'
import type { Trust } from '../../src/ipld/trust.ts'
import { allowedAttribute, isHarmlessUrl } from '../../src/runtime/rights.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { component, form, later, now } from './support.ts'

const runtimeOf = (nodes: Record<string, Node>, trust: Trust = 'unknown') => {
  const left: string[] = []
  return {
    left,
    runtime: createRuntime({
      definitions: now(nodes),
      trust: id => (id.startsWith('other') ? trust : undefined),
      leftOut: (_id, what) => left.push(...what),
    }),
  }
}

const show = async (
  body: string,
  call = '(~other)',
  trust: Trust = 'unknown',
  params = '(&key a &rest children)',
) => {
  const { runtime, left } = runtimeOf({ other: component(params, body) }, trust)
  const { html, head, islands } = await runtime.renderHtml(form(call))
  return { html, head, islands, left }
}
const inside = (html: string): string =>
  /^<span data-sx-foreign="other" style="display:block;contain:content">(.*)<\/span>$/s.exec(html)![1]!

describe('a component of another publisher', () => {
  it('writes what the list allows, inside an element that it does not get out of', async () => {
    const { html, left } = await show(
      '(article (h2 :class "x" a) (p "by " (a :href "https://x.example/" "me")))',
      '(~other :a "Hi")',
    )
    expect(inside(html)).toBe(
      '<article><h2 class="x">Hi</h2><p>by <a href="https://x.example/" rel="nofollow noopener noreferrer ugc">me</a></p></article>',
    )
    expect(left).toEqual([])
  })

  it.each([
    ['(form :action "https://evil.example" (input :type "password"))', '<form>'],
    ['(iframe :src "https://evil.example")', '<iframe>'],
    ['(object :data "x")', '<object>'],
    ['(style "body{display:none}")', '<style>'],
    ['(script "alert(1)")', '<script>'],
    ['(link :rel "stylesheet" :href "https://evil.example/x.css")', '<link>'],
    ['(svg (foreignObject (p "x")))', '<foreignObject>'],
    ['(svg (animate :attributeName "href"))', '<animate>'],
    ['(img :src "https://tracker.example/1.gif")', '<img>'],
  ])('leaves out %s, and says so', async (body, what) => {
    const { html, left } = await show(`(<> (b "before") ${body} (b "after"))`)
    expect(inside(html)).toMatch(/^<b>before<\/b>(<svg><\/svg>)?<b>after<\/b>$/)
    expect(left).toEqual([what])
  })

  it('puts nothing into the head and makes no island live', async () => {
    const { html, head, islands } = await show(
      '(<> (title "Mine now") (meta :name "x" :content "y") (p "text"))',
    )
    expect([head, islands, inside(html)]).toEqual([[], [], '<p>text</p>'])
    const { runtime } = runtimeOf({
      other: component('()', '(p "first")', 'island'),
      page: component('()', '(~other)'),
    })
    const rendered = await runtime.renderHtml(form('(~page)'))
    expect(rendered.islands).toEqual([])
    expect(inside(rendered.html)).toBe('<p>first</p>')
  })

  it.each([
    [':href "javascript:alert(1)"', 'href'],
    [':href "//evil.example/x"', 'href'],
    [':href "data:text/html,x"', 'href'],
    [':id "cart"', 'id'],
    [':data-sx-island "x"', 'data-sx-island'],
    [':target "_top"', 'target'],
  ])('loses the attribute of (a %s)', async (attribute, name) => {
    const { html, left } = await show(`(a ${attribute} "x")`)
    expect(inside(html)).toBe('<a rel="nofollow noopener noreferrer ugc">x</a>')
    // What runs script is no attribute for anybody, and is not even told.
    expect(left).toEqual(attribute.includes('javascript') ? [] : [name])
  })

  it('keeps declarations that fetch nothing', () => {
    expect(allowedAttribute('style', 'color:red;background:url(https://t.example/);width:1em')).toBe(
      'color:red;width:1em',
    )
    expect(allowedAttribute('style', 'background:\\75rl(x)')).toBe('')
    expect(allowedAttribute('fill', 'url(#x)')).toBeUndefined()
    expect(allowedAttribute('srcset', 'https://x.example/a 1x, data:x 2x')).toBeUndefined()
  })

  it('writes no HTML of its own, neither its own nor by an argument', async () => {
    await expect(show('(raw! "<script>alert(1)</script>")')).rejects.toMatchObject({ code: 'foreign-failed' })
    await expect(show('(p a)', '(~other :a (raw! "<b>"))')).rejects.toMatchObject({ code: 'foreign-failed' })
  })

  it('shows what the page hands it, by the same rules', async () => {
    const { html } = await show('(section children)', '(~other (p "mine") (form "mine too"))')
    expect(inside(html)).toBe('<section><p>mine</p></section>')
  })

  it('reaches nothing of the page: no scope, no handler, no continuation, no host', async () => {
    const scoped = await show('(p (or (context theme) "none"))', '(provide theme "dark" (~other))')
    expect(inside(scoped.html)).toBe('<p>none</p>')
    await expect(show('(p (now))')).rejects.toMatchObject({ code: 'foreign-failed' })
    const { runtime } = runtimeOf({ other: component('()', '(do (emit! "notes" 1) (p "x"))') })
    expect(await runtime.evaluate(form('(scope "notes" (do (str (~other)) (emitted "notes")))'))).toEqual([])
  })

  it('ends at its own limits', async () => {
    const endless = '(let loop ((i 0)) (loop (+ i 1)))'
    await expect(show(endless)).rejects.toMatchObject({
      code: 'foreign-failed',
      detail: { reason: 'eval-limit' },
    })
    await expect(show('(p (map (fn (i) "0123456789") (range 20000)))')).rejects.toMatchObject({
      detail: { reason: 'eval-limit' },
    })
    const longer = '(p (map (fn (i) "0123456789") (range 20000)))'
    expect((await show(longer, '(~other)', 'followed')).html.length).toBeGreaterThan(200_000)
  })

  it('waits for its definitions, and is then called again', async () => {
    const nodes = later({
      other: component('()', '(div (~part) (~part))'),
      part: component('()', '(p "part")'),
    })
    const runtime = createRuntime({
      definitions: nodes,
      trust: id => (id === 'other' ? 'unknown' : undefined),
    })
    const { html } = await runtime.renderHtml(form('(main (~other))'))
    expect(html).toContain('<div><p>part</p><p>part</p></div></span></main>')
    expect(nodes.loaded).toEqual(['other', 'part'])
  })

  it('has one wall, however often it calls itself', async () => {
    const { runtime } = runtimeOf({ other: component('(n)', '(div n (when (> n 0) (~other (- n 1))))') })
    const { html } = await runtime.renderHtml(form('(~other 2)'))
    expect(inside(html)).toBe('<div>2<div>1<div>0</div></div></div>')
  })

  it('is a group inside of a drawing', async () => {
    const { html } = await show('(circle :r 3)', '(svg (~other))')
    expect(html).toBe(
      '<svg><g data-sx-foreign="other" style="display:block;contain:content"><circle r="3"></circle></g></svg>',
    )
  })

  it('may show pictures where its publisher is followed', async () => {
    const { html } = await show('(img :src "https://x.example/a.png" :alt "")', '(~other)', 'followed')
    expect(inside(html)).toBe('<img src="https://x.example/a.png" alt="">')
  })
})

describe('addresses of others', () => {
  it('are https, ipfs or relative, whatever is put between', () => {
    for (const url of [
      'https://x/',
      'ipfs://bafy',
      'ipns://k51',
      '/a',
      'a/b?c:d',
      '#x',
      '?q',
      'a',
      './a:b',
      '',
    ])
      expect(isHarmlessUrl(url), url).toBe(true)
    for (const url of [
      'http://x',
      'javascript:1',
      'java\nscript:1',
      '\u0001data:x',
      ' vbscript:x',
      '//x',
      '/\\x',
      '\\\\x',
      'blob:x',
      'a:b',
    ])
      expect(isHarmlessUrl(url), url).toBe(false)
  })

  it('resolve to https or to the page’s own host, for any text at all', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc
            .array(
              fc.constantFrom(
                'java',
                'script',
                ':',
                '/',
                '\\',
                '\t',
                '\n',
                ' ',
                'https',
                'data',
                'x',
                '#',
                '?',
                '@',
                '.',
              ),
              { maxLength: 8 },
            )
            .map(parts => parts.join('')),
        ),
        text => {
          if (!isHarmlessUrl(text)) return
          if (!URL.canParse(text, 'https://site.example/a/b')) return
          const url = new URL(text, 'https://site.example/a/b')
          const explicit = /^[\p{Cc}\p{Z}]*(?:h[\p{Cc}\p{Z}]*t|i[\p{Cc}\p{Z}]*p)/iu.test(text)
          expect(['https:', 'ipfs:', 'ipns:']).toContain(url.protocol)
          if (!explicit) expect(url.host).toBe('site.example')
        },
      ),
      { numRuns: 2000 },
    )
  })
})
