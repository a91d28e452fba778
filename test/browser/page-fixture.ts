// Handmade pages for browser tests: real loader, real policy, and whatever kernel, platform and blocks a test wants.
import { createHash } from 'node:crypto'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { bundleClient } from '../../scripts/build-client.ts'
import type { SourceError } from '../../src/client/resolver.ts'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import type { Manifest, PageTarget } from '../../src/ipld/manifest.ts'
import { AS_SCRIPT } from '../../src/ipld/runtime-file.ts'
import { contentSecurityPolicy, hashSource } from '../../src/publish/csp.ts'
import { pageHtml } from '../../src/publish/page-html.ts'
import type { PageServer } from '../support/page-server.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
export const text = (code: string): Uint8Array => new TextEncoder().encode(code)

/** The client as it is shipped, bundled once per test file. */
export const client = await bundleClient()

/** Puts a raw block on the server and gives its CID. */
export function putRaw(server: PageServer, bytes: Uint8Array): string {
  const cid = cidOf(RAW, sha256(bytes))
  server.blocks.set(cid, bytes)
  return cid
}

export interface PageParts extends Omit<PageTarget, 'packs'> {
  readonly packs?: readonly string[]
  readonly body: string
  readonly kernel?: Uint8Array
  readonly platform?: Uint8Array
  readonly title?: string
  readonly head?: string
  readonly sources?: readonly string[]
  readonly routes?: readonly PageTarget[]
  readonly styles?: readonly string[]
  /** the manifest does not say which modules the page needs */
  readonly silent?: boolean
  /** the policy names no file of the runtime */
  readonly unnamed?: boolean
}

/** HTML of a page whose boot blocks are on `server`. */
export function htmlOf(server: PageServer, parts: PageParts): string {
  const { page, path, closure, defs, sources, routes } = parts
  const loader = new TextDecoder().decode(client.loader.code)
  const boot = {
    loader: putRaw(server, client.loader.code),
    kernel: putRaw(server, parts.kernel ?? client.kernel.code),
    platform: putRaw(server, parts.platform ?? client.platform.code),
  }
  for (const { code } of Object.values(client.modules)) putRaw(server, code)
  const manifest: Manifest = {
    page,
    path,
    closure,
    packs: parts.packs ?? [],
    defs,
    modules: {},
    boot,
    ...(parts.silent ? {} : { runtime: parts.runtime ?? [] }),
    ...(parts.parts ? { parts: parts.parts } : {}),
    ...(sources ? { sources } : {}),
    ...(routes ? { routes } : {}),
  }
  const files = [boot.kernel, ...(parts.parts ?? [])].map(
    cid => AS_SCRIPT + new TextDecoder().decode(server.blocks.get(cid)),
  )
  return pageHtml({
    title: parts.title ?? 'test',
    lang: 'en',
    head: parts.head ?? '',
    body: parts.body,
    manifest,
    loader,
    csp: contentSecurityPolicy({
      scriptHashes: [loader, ...(parts.unnamed ? [] : files)].map(script => hashSource(script, sha256)),
      styleHashes: (parts.styles ?? []).map(s => hashSource(s, sha256)),
      connect: (sources ?? []).map(s => new URL(s).origin),
      wasm: false,
    }),
  })
}

export interface Visit {
  readonly page: Page
  /** `ready` or `failed`, or undefined when neither came */
  readonly outcome: string | undefined
  readonly console: readonly string[]
  readonly errors: readonly SourceError[]
  readonly ready: ReadyDetail | undefined
  /** what changed inside the body after the parser was done with it */
  readonly mutations: readonly string[]
}

export interface ReadyDetail {
  readonly page: string
  readonly definitions: number
  readonly bytes: number
  readonly ms: number
  readonly from: { readonly memory: number; readonly indexeddb: number; readonly network: number }
}

interface Watched {
  sxErrors: SourceError[]
  sxReady: ReadyDetail | undefined
  sxMutations: string[]
}

/** Opens `url`, waits until the client says `ready` or `failed`, and tells what was seen. */
export async function visit(where: Browser | BrowserContext, url: string, wait = 15_000): Promise<Visit> {
  const page = await where.newPage()
  const said: string[] = []
  page.on('console', message => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => said.push(`pageerror: ${error.message}`))
  await page.addInitScript(() => {
    const watched = Object.assign(globalThis, {
      sxErrors: [],
      sxReady: undefined,
      sxMutations: [],
    }) as unknown as Watched
    document.addEventListener('sx:source-error', e =>
      watched.sxErrors.push((e as CustomEvent<SourceError>).detail),
    )
    document.addEventListener('sx:ready', e => {
      watched.sxReady = (e as CustomEvent<ReadyDetail>).detail
    })
    document.addEventListener('DOMContentLoaded', () => {
      new MutationObserver(records => {
        for (const r of records)
          watched.sxMutations.push(`${r.type} ${r.target.nodeName} ${r.attributeName ?? ''}`)
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    })
  })
  await page.goto(url)
  const outcome = await page
    .waitForFunction(() => document.documentElement.dataset.sx, undefined, { timeout: wait })
    .then(handle => handle.jsonValue())
    .catch(() => undefined)
  // Mutation records and the storage tier's writes come a moment later.
  await page.waitForTimeout(150)
  const { sxErrors, sxReady, sxMutations } = await page.evaluate(() => {
    const { sxErrors, sxReady, sxMutations } = globalThis as unknown as Watched
    return { sxErrors, sxReady, sxMutations }
  })
  return { page, outcome, console: said, errors: sxErrors, ready: sxReady, mutations: sxMutations }
}
