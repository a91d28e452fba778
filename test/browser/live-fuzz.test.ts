// A fixed part of what bench/fuzz-live.ts runs, and every island that showed something else than a server once.
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { liveProgram } from '../fuzz/live.ts'
import { runLive } from '../fuzz/live-run.ts'
import { readLiveVectors } from '../fuzz/live-vectors.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'

/** Milliseconds: some seconds of work, on a machine that may be busy. */
const patience = 120_000

describe.skipIf(!hasChromium())('what islands show after each change', { timeout: patience }, () => {
  let browser: Browser
  let context: BrowserContext
  beforeAll(async () => {
    browser = await launchChromium()
  }, patience)
  afterAll(() => browser.close())
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(() => context.close())

  const programs = (from: number) => Array.from({ length: 48 }, (_, i) => liveProgram(from + i))

  it.each([0, 48, 96])('is what a server renders then: programs from %i', async from => {
    expect(await runLive(context, programs(from))).toEqual([])
  })

  it('is that in those that showed something else once', async () => {
    expect(await runLive(context, readLiveVectors())).toEqual([])
  })

  it('would be told if it were not', async () => {
    // What `define` reads is not followed.
    const wrong = {
      definitions: { steps: '{:n 1 :s "" :t true :xs () :rows ()} {:n 2}' },
      page: '(let () (define z (deref n)) (b z))',
    }
    const found = await runLive(context, [...programs(0).slice(0, 1), wrong])
    expect(found.some(({ program, step }) => program === 1 && step === 1)).toBe(true)
  })
})
