// Runs sites and finds where two ways of running a program disagree.
import { encodeNode } from '../../src/ipld/encode.ts'
import { format } from '../../src/lang/format.ts'
import { print } from '../../src/lang/printer.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import type { Limits } from '../../src/runtime/machine.ts'
import { browserSite, type FuzzBrowser } from './browser.ts'
import { type BuiltPage, type BuiltSite, buildSite } from './built-site.ts'
import { type Configuration, type ConfigurationName, configurations } from './configurations.ts'
import { type Outcome, observe } from './observe.ts'
import { kinds } from './sample.ts'
import type { Site } from './site.ts'

/** Small, so that what does not end does so soon. */
export const narrow: Partial<Limits> = { steps: 8000, depth: 4000, output: 40_000, memory: 500_000 }
/** Steps and frames may be counted differently: who passes a limit that another keeps gets these. */
const wide: Partial<Limits> = { steps: 160_000, depth: 80_000, output: 800_000, memory: 10_000_000 }

export interface Disagreement {
  /** which of the site's pages; −1: its text as a whole */
  readonly page: number
  readonly configuration: string
  readonly what: keyof Outcome | 'text'
  /** what the server gives */
  readonly expected: string
  readonly seen: string
}

export interface Report {
  readonly built: BuiltSite
  /** undefined where expansion refuses the page */
  readonly outcomes: readonly (Outcome | undefined)[]
  readonly disagreements: Disagreement[]
  /** pages that passed a limit in one way only, and agreed when it was wider */
  readonly near: number
}

/** What a build calls by name has a CID later: both are one to the comparison. */
const nameless = (text: string): string =>
  text.replace(/(?:bafyrei[a-z2-7]{52}|~?\bz[a-z]+\d+|z\/lib)(?:#\w+)?/g, '@')

/** The harness brings the sink for HTML text, which knows no class of the kernel's and so no names in an island's state. */
const stateless = (text: string): string => text.replace(/ data-sx-state="[^"]*"/g, '')

const isError = (text: string): boolean => /^(?:error|crash)/.test(text)
/** Neither what was noted, nor the islands: one that is written out is an element like others. */
const asWire = (text: string): string => text.split(' | ')[0]!.split(' islands ')[0]!
const limited = 'error eval-limit'

/** Is this what the server gave, as far as this way of running can tell? */
const agrees = (configuration: string, expected: string, seen: string): boolean => {
  if (configuration === 'built') return nameless(expected) === nameless(seen)
  if (configuration === 'browser') return stateless(expected) === stateless(seen)
  if (configuration !== 'wire') return expected === seen
  // What nothing shows is rendered where it is an argument, and may have no end.
  if (seen === limited) return true
  // A failing call may be left to who renders the text; some texts can't be written.
  if (isError(expected)) return isError(seen)
  return asWire(expected) === asWire(seen) || /^error value-not-storable/.test(seen)
}

const parts = ['value', 'html'] as const

/** Reading, printing and formatting the site's text changes nothing. */
const textDisagreements = (site: Site): Disagreement[] => {
  const found: Disagreement[] = []
  // One page is as good as sixteen for this.
  for (const text of [...Object.values(site.definitions), site.pages[0]!]) {
    const { forms } = read(text)
    const expected = forms.map(print).join('\n')
    const formatted = format(text)
    for (const [configuration, again] of [
      ['fmt', formatted],
      ['print', expected],
    ] as const) {
      const seen = read(again).forms.map(print).join('\n')
      if (seen !== expected) found.push({ page: -1, configuration, what: 'text', expected, seen })
    }
    if (format(formatted) !== formatted)
      found.push({
        page: -1,
        configuration: 'fmt twice',
        what: 'text',
        expected: formatted,
        seen: format(formatted),
      })
  }
  return found
}

/** What is stored, printed and read, is stored as the same bytes. */
const storedDisagreements = ({ bytes }: BuiltSite, { index, cid, node }: BuiltPage): Disagreement[] => {
  const again = encodeNode({ ...node, body: readOne(print(node.body)) })
  if (Buffer.compare(again, bytes.get(cid)!) === 0) return []
  return [{ page: index, configuration: 'print', what: 'text', expected: cid, seen: print(node.body) }]
}

/** Where one way of running differs from the server's, the limits apart. `again` runs both with wide limits. */
const compare = async (
  page: number,
  configuration: string,
  first: readonly [Outcome, Outcome],
  again: () => Promise<readonly [Outcome, Outcome]>,
): Promise<{ readonly found: Disagreement[]; readonly near: boolean }> => {
  const compared = parts.filter(what => configuration !== 'wire' || what === 'html')
  const differ = ([expected, seen]: readonly [Outcome, Outcome]) =>
    compared.filter(what => !agrees(configuration, expected[what], seen[what]))
  let both = first
  let wrong = differ(both)
  const byLimit = wrong.some(what => both.some(outcome => outcome[what] === limited))
  if (byLimit) {
    both = await again()
    wrong = differ(both)
  }
  return {
    found: wrong.map(what => ({ page, configuration, what, expected: both[0][what], seen: both[1][what] })),
    near: byLimit && wrong.length === 0,
  }
}

/** Where a page meets its definitions first: in rendering, or in evaluation. */
const renderFirst = ({ index }: BuiltPage): boolean => index % 2 === 1

/** undefined where the site's definitions are refused. */
export const runSite = async (
  site: Site,
  names: readonly ConfigurationName[],
): Promise<Report | undefined> => {
  const built = buildSite(site.definitions, site.pages)
  if (built === undefined) return undefined
  const outcomes: (Outcome | undefined)[] = site.pages.map(() => undefined)
  const disagreements = textDisagreements(site)
  let near = 0
  const open = (name: ConfigurationName, limits: Partial<Limits>) => {
    const run = (configurations[name] as Configuration)(built, { limits })
    return async (page: BuiltPage): Promise<Outcome | undefined> => {
      const subject = run(page)
      return subject && observe(subject, kinds, renderFirst(page))
    }
  }
  const server = open('server', narrow)
  const others = names.map(name => [name, open(name, narrow)] as const)
  for (const page of built.pages) {
    const expected = (await server(page))!
    const { index } = page
    outcomes[index] = expected
    disagreements.push(...storedDisagreements(built, page))
    for (const what of parts)
      if (expected[what].startsWith('crash'))
        disagreements.push({
          page: index,
          configuration: 'server',
          what,
          expected: 'no crash',
          seen: expected[what],
        })
    for (const [name, run] of others) {
      const seen = await run(page)
      if (seen === undefined) continue
      const { found, near: isNear } = await compare(index, name, [expected, seen], async () => [
        (await open('server', wide)(page))!,
        (await open(name, wide)(page))!,
      ])
      disagreements.push(...found)
      near += Number(isNear)
    }
  }
  return { built, outcomes, disagreements, near }
}

/** The same for Chromium, many sites at a time. Adds to their reports. */
export const runInBrowser = async (browser: FuzzBrowser, reports: readonly Report[]): Promise<number> => {
  const sent = reports.map(({ built }) => browserSite(built))
  const all = await browser.run(sent, narrow)
  let programs = 0
  for (const [i, { built, outcomes, disagreements }] of reports.entries())
    for (const [j, { index }] of sent[i]!.pages.entries()) {
      programs++
      const seen = all[i]![j]!
      const page = built.pages.find(one => one.index === index)!
      const { found } = await compare(index, 'browser', [outcomes[index]!, seen], async () => {
        const [one] = await browser.run([browserSite(built, [page])], wide)
        return [
          await observe(configurations.server(built, { limits: wide })(page), kinds, renderFirst(page)),
          one![0]!,
        ]
      })
      disagreements.push(...found)
      if (seen.dom !== 'same' && seen.dom !== 'unlike')
        disagreements.push({
          page: index,
          configuration: 'dom',
          what: 'html',
          expected: 'same',
          seen: seen.dom,
        })
    }
  return programs
}
