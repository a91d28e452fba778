import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { readOne } from '../../src/lang/reader.ts'
import { renderDom } from '../../src/runtime/dom.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'

const runtime = createRuntime({ definitions: { find: () => undefined, load: async () => {} } })

const adopt = async (html: string, source: string) => {
  const { document } = parseHTML(`<!DOCTYPE html><html><body>${html}</body></html>`)
  const before = [...document.querySelectorAll('*')]
  const { repairs } = await renderDom(runtime, readOne(source), undefined, {
    document: document as unknown as Document,
    parent: document.body as unknown as Node,
    adopt: true,
  })
  return { html: document.body.innerHTML, repairs, kept: before.filter(e => document.contains(e)).length - 2 }
}

describe('adoption', () => {
  it('touches nothing when the server rendered the same', async () => {
    const html = '<div class="a"><p>1 and 2</p><ul><li>a</li><li>b</li></ul><b>x</b>y</div>'
    const source =
      '(div :class "a" (p 1 " and " 2) (ul (map (fn (x) (li x)) (list "a" "b"))) (raw! "<b>x</b>y"))'
    expect(await adopt(html, source)).toMatchObject({ html, repairs: 0, kept: 6 })
  })

  it('repairs a text without making new elements', async () => {
    expect(await adopt('<p>old</p><b>x</b>', '(<> (p "new") (b "x"))')).toMatchObject({
      html: '<p>new</p><b>x</b>',
      repairs: 1,
      kept: 2,
    })
  })

  it('repairs attributes: adds, changes, removes', async () => {
    const { html, kept } = await adopt('<p id="a" title="t">x</p>', '(p :id "b" :lang "en" "x")')
    expect(html).toContain('id="b"')
    expect(html).toContain('lang="en"')
    expect(html).not.toContain('title')
    expect(kept).toBe(1)
  })

  it('puts in what is missing, and takes out what is too much, leaving the rest', async () => {
    expect(await adopt('<ul><li>1</li><li>3</li></ul>', '(ul (li 1) (b 2) (li 3))')).toMatchObject({
      html: '<ul><li>1</li><b>2</b><li>3</li></ul>',
      kept: 3,
    })
    expect(await adopt('<ul><i>0</i><li>1</li><li>2</li></ul>', '(ul (li 1))')).toMatchObject({
      html: '<ul><li>1</li></ul>',
      repairs: 2,
      kept: 2,
    })
    expect(await adopt('text<p>a</p>more', '(p "a")')).toMatchObject({
      html: '<p>a</p>',
      repairs: 2,
      kept: 1,
    })
  })

  it('repairs raw markup that differs, as a whole', async () => {
    expect(await adopt('<p><b>x</b></p>', '(p (raw! "<b>y</b>z"))')).toMatchObject({
      html: '<p><b>y</b>z</p>',
    })
  })

  it('leaves the inside of noscript alone', async () => {
    expect(
      await adopt('<noscript>&lt;p&gt;no&lt;/p&gt;</noscript><b>x</b>', '(<> (noscript (p "no")) (b "x"))'),
    ).toMatchObject({ repairs: 0 })
  })

  it('without it, the new tree replaces the old one when it is complete, and an error leaves the old one', async () => {
    const { document } = parseHTML('<!DOCTYPE html><html><body><p>old</p></body></html>')
    const o = { document: document as unknown as Document, parent: document.body as unknown as Node }
    await expect(
      renderDom(runtime, readOne('(div "x" (p (error "no")))'), undefined, o),
    ).rejects.toMatchObject({ code: 'eval-failed' })
    expect(document.body.innerHTML).toBe('<p>old</p>')
    await renderDom(runtime, readOne('(div "x")'), undefined, o)
    expect(document.body.innerHTML).toBe('<div>x</div>')
  })
})
