// A fixed part of what bench/fuzz.ts runs, and every program on which two ways of running disagreed once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { coreForms, definitionForms, primitives } from '../../src/lang/words.ts'
import { type FuzzBrowser, openFuzzBrowser } from '../fuzz/browser.ts'
import { type ConfigurationName, configurations } from '../fuzz/configurations.ts'
import { primitivesInRows } from '../fuzz/primitives.ts'
import { reachedBy } from '../fuzz/reached.ts'
import { type Report, runInBrowser, runSite } from '../fuzz/run.ts'
import { shrink } from '../fuzz/shrink.ts'
import { type Site, siteOf } from '../fuzz/site.ts'
import { readVectors, siteOfVector } from '../fuzz/vectors.ts'
import { hasChromium } from '../support/chromium.ts'

const ways = (Object.keys(configurations) as ConfigurationName[]).filter(name => name !== 'server')
const vectors = readVectors()

const sites = (from: number, n: number): Site[] => Array.from({ length: n }, (_, i) => siteOf(from + i))

const run = async (all: readonly Site[]): Promise<Report[]> => {
  const reports: Report[] = []
  for (const site of all) {
    const report = await runSite(site, ways)
    if (report !== undefined) reports.push(report)
  }
  return reports
}

/** Milliseconds: some seconds of work, on a machine that may be busy. */
const patience = 120_000

describe('programs of numbered seeds', { timeout: patience }, () => {
  it('give the same on the machine and the server, loaded and late, in one run and in slices, as text and as wire', async () => {
    const reports = await run(sites(1_000_000, 60))
    expect(reports.length).toBeGreaterThan(50)
    expect(reports.flatMap(report => report.disagreements)).toEqual([])
    const values = reports.flatMap(report => report.outcomes.flatMap(outcome => outcome?.value ?? []))
    expect(values.length).toBeGreaterThan(800)
    // Not only ways to fail.
    const failed = values.filter(value => value.startsWith('error')).length
    expect(failed / values.length).toBeLessThan(0.4)
    expect(failed).toBeGreaterThan(10)
  })

  it('are the same programs for the same seed', () => {
    expect(siteOf(7)).toEqual(siteOf(7))
    expect(siteOf(7)).not.toEqual(siteOf(8))
  })

  it('reach every form and every primitive', async () => {
    expect([...primitives].filter(name => !primitivesInRows.has(name))).toEqual([])
    const reached = new Set<string>()
    const all = sites(1_100_000, 120)
    for (const site of all) await reachedBy(site, reached)
    // No expansion leaves a threading form behind; of the others an error is what they give: these are seen in texts only.
    const unmarked = ['->', '->>', 'as->', 'error', 'random-int', 'foreign']
    const text = all.flatMap(site => [...Object.values(site.definitions), ...site.pages]).join('\n')
    for (const name of unmarked) if (text.includes(`(${name} `)) reached.add(name)
    expect([...coreForms, ...primitives].filter(name => !reached.has(name))).toEqual([])
    // One library stands by itself.
    expect(definitionForms.filter(word => word !== 'import' && !text.includes(`(${word} `))).toEqual([])
  })
})

it('what shows something is made small', async () => {
  const big = {
    definitions: { 'main.sx': '(define (f n) (* n 2))' },
    page: '(list (str "abc" x) (let ((y 2)) (+ y (f 3))))',
  }
  expect(await shrink(big, async ({ page }) => page.includes('str'))).toEqual({
    definitions: {},
    page: '(str)',
  })
})

describe('programs that showed a disagreement once', () => {
  it.each(vectors)('$name', async ({ definitions, source, value, html }) => {
    const report = (await runSite(siteOfVector({ definitions, source }), ways))!
    expect(report.disagreements).toEqual([])
    expect(report.outcomes).toEqual([
      { value, html },
      { value, html },
    ])
  })
})

describe.skipIf(!hasChromium())('in Chromium', { timeout: patience }, () => {
  let browser: FuzzBrowser
  beforeAll(async () => {
    browser = await openFuzzBrowser()
  }, patience)
  afterAll(() => browser.close())

  it('programs of numbered seeds, and those that disagreed, give what the server gives, and DOM as HTML text makes it', async () => {
    const reports: Report[] = []
    for (const site of [...sites(1_000_000, 60), ...vectors.map(siteOfVector)]) {
      const report = await runSite(site, [])
      if (report !== undefined) reports.push(report)
    }
    expect(await runInBrowser(browser, reports)).toBeGreaterThan(800)
    expect(reports.flatMap(report => report.disagreements)).toEqual([])
  })
})
