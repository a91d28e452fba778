// The golden vectors in Chromium: the browser's answer is Node's, letter for letter.
import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../scripts/build-client.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { examplesOf, fits, languageDoc } from '../support/language-doc.ts'
import { type Observation, observe } from './entries/observe.ts'

const vectors = (file: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8'))
const hexOf = (dag: unknown): string =>
  Buffer.from(dagCbor.encode(dagJson.decode(new TextEncoder().encode(JSON.stringify(dag))))).toString('hex')

describe.skipIf(!hasChromium())('vectors in Chromium', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchChromium()
    page = await browser.newPage()
    const code = new TextDecoder().decode((await bundle('test/browser/entries/observe.ts')).code)
    await page.addScriptTag({ content: code, type: 'module' })
    await page.waitForFunction(() => 'sxObserve' in globalThis)
  })
  afterAll(() => browser.close())

  const inChromium = (what: Observation, inputs: readonly string[]): Promise<unknown[]> =>
    page.evaluate(
      ([name, all]) => {
        const { sxObserve } = globalThis as unknown as { sxObserve: typeof observe }
        return Promise.all(all.map(input => sxObserve[name](input)))
      },
      [what, inputs] as const,
    )
  const sameAsNode = async (what: Observation, inputs: readonly string[]): Promise<void> => {
    expect(inputs.length).toBeGreaterThan(10)
    expect(await inChromium(what, inputs)).toEqual(
      await Promise.all(inputs.map(input => observe[what](input))),
    )
  }

  it('decodes every block to the same node', async () => {
    const rows = ['ipld/nodes.json', 'ipld/values.json'].flatMap(
      file => vectors(file).vectors as { dagJson: unknown }[],
    )
    await sameAsNode(
      'decode',
      rows.map(row => hexOf(row.dagJson)),
    )
  })

  it('refuses every malformed block with the same code and words', async () => {
    const rows = vectors('ipld/invalid.json').vectors as { hex: string; code: string }[]
    const codes = (
      await inChromium(
        'decode',
        rows.map(row => row.hex),
      )
    ).map(seen => (seen as { code: string }).code)
    expect(codes).toEqual(rows.map(row => row.code))
    await sameAsNode(
      'decode',
      rows.map(row => row.hex),
    )
  })

  it.each(['packs', 'patches'] as const)(
    'reads and proves all %s, and refuses what Node refuses, with the same code',
    async what => {
      const { vectors: good, invalid } = vectors(`ipld/${what}.json`) as Record<string, { code?: string }[]>
      const inputs = [...good!, ...invalid!].map(row => JSON.stringify(row))
      await sameAsNode(what, inputs)
      expect((await inChromium(what, inputs)).slice(good!.length)).toEqual(invalid!.map(row => row.code))
    },
  )

  it('reads every text to the same forms, or refuses it with the same words', async () => {
    const { valid, invalid } = vectors('lang/reader.json') as Record<string, { text: string }[]>
    await sameAsNode(
      'read',
      [...(valid ?? []), ...(invalid ?? [])].map(row => row.text),
    )
  })

  const cases = (file: string) =>
    vectors(file).cases as { source: string; value?: string; html?: string; error?: string }[]

  it('evaluates every form to the same value, or fails with the same words', async () => {
    const rows = cases('runtime/evaluate.json')
    await sameAsNode(
      'evaluate',
      rows.map(row => row.source),
    )
    const seen = await inChromium(
      'evaluate',
      rows.map(row => row.source),
    )
    for (const [i, { value, error }] of rows.entries())
      expect(seen[i]).toEqual(
        error === undefined ? (value ?? seen[i]) : expect.objectContaining({ code: error }),
      )
  })

  it('renders every form to the same HTML and head', async () => {
    const rows = cases('runtime/html.json')
    await sameAsNode(
      'html',
      rows.map(row => row.source),
    )
    const seen = await inChromium(
      'html',
      rows.map(row => row.source),
    )
    for (const [i, { html, error }] of rows.entries())
      expect(seen[i]).toEqual(
        expect.objectContaining(error === undefined ? { html: html ?? '' } : { code: error }),
      )
  })

  it('gives for every example of the language what the document says', async () => {
    const examples = examplesOf(languageDoc).filter(one => one.expanded !== undefined)
    const inputs = examples.map(one => JSON.stringify(one.expanded))
    const seen = (await inChromium('example', inputs)) as string[]
    const wrong = examples.flatMap(({ line, expected }, i) =>
      fits(expected, seen[i]!) ? [] : [{ line, expected, seen: seen[i] }],
    )
    expect(wrong).toEqual([])
    await sameAsNode('example', inputs)
  })

  it('makes the DOM that the parser makes of the HTML, and adopts it without a repair', async () => {
    const rows = cases('runtime/html.json').filter(row => row.html !== undefined)
    const seen = await inChromium(
      'dom',
      rows.map(row => row.source),
    )
    expect(seen.map((s, i) => [rows[i]!.source, s])).toEqual(
      rows.map(row => [row.source, { same: true, repairs: 0 }]),
    )
  })
})
