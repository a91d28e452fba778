// Host words in Chromium: a query of a page that was built has the same answer there, and what waited for a browser is
// answered by it or by the server.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleClient } from '../../scripts/build-client.ts'
import { browse } from '../support/browse.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'

let browser: Browser
let site: BuiltSite
let url: string
beforeAll(async () => {
  if (!hasChromium()) return
  const { loader, kernel, platform, modules } = await bundleClient()
  site = await serveSite(
    {
      'src/a.sx': `
(defquery double (&key (n :as number)) (* 2 n))
(defcomp ~list () (ul (map (fn (x) (li (get x :title))) (query "posts"))))
(defpage home :path "/" :title (get (first (query "posts")) :title) :content (main (h1 "Posts") (~list)))
(defpage later :path "/later/<id>" :title id
  :content (main (p id " " (query "double" :n 21) " " (request-arg "q" "none") " " (> (now) 1000) " " (len (csrf-token)))
                 (p (get (first (query "posts")) :title))))`,
      'public/favicon.ico': '',
      'data/posts.json': '[{"title":"One"},{"title":"<Two>"}]',
    },
    {},
    {
      loader: loader.code,
      kernel: kernel.code,
      platform: platform.code,
      modules: new Map(Object.entries(modules).map(([name, { code }]) => [name, code])),
    },
  )
  url = await site.gateway.listen(0)
  browser = await launchChromium()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

it.skipIf(!hasChromium())('the page that was built is adopted as it is', async () => {
  const visited = await browse(browser, url)
  expect([visited.state, visited.console]).toEqual(['ready', []])
  expect(await visited.page.innerHTML('body')).toContain('<ul><li>One</li><li>&lt;Two&gt;</li></ul>')
  expect(await visited.page.title()).toBe('One')
  await visited.close()
})

it.skipIf(!hasChromium())('a page that is rendered later asks browser and server', async () => {
  const visited = await browse(browser, `${url}later/7?q=here`)
  expect(visited.state).toBe('ready')
  expect(await visited.page.locator('main p').allTextContents()).toEqual(['7 42 here  32', 'One'])
  await visited.close()
})
