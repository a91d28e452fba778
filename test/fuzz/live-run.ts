// Islands of the live fuzzer in Chromium: hydrated, then changed step by step, and compared with what a server renders.
import type { BrowserContext } from 'playwright-core'
import { print } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'
import { isDict } from '../../src/lang/values.ts'
import { openIslands, serveIslands } from '../browser/island-site.ts'
import { liveSite } from './live.ts'
import type { Program } from './shrink.ts'

export interface LiveDisagreement {
  /** which of the programs */
  readonly program: number
  /** 0: hydrated, n: after n steps; −1: hydration changed what the server sent */
  readonly step: number
  /** what the server renders of these values */
  readonly expected: string
  readonly seen: string
}

const stepsOf = (text: string): Record<string, string>[] =>
  read(text).forms.map(form => {
    if (!isDict(form)) throw new Error(`a step is a dict: ${print(form)}`)
    return Object.fromEntries([...form].map(([name, value]) => [name, print(value)]))
  })

/** In the page: does every step of all islands, and gives what they show, and what they should. */
const walk = async (steps: number[]): Promise<{ shown: string[][]; expected: (string | undefined)[][] }> => {
  /** Text, attributes in order, and what fields hold: equal for what a reader can't tell apart. */
  const write = (node: Node): string => {
    if (node instanceof Text) return node.data.replace(/[<&]/g, c => `&${c.charCodeAt(0)};`)
    if (!(node instanceof Element)) return `<?${node.nodeName}>`
    const held = node as unknown as Record<string, unknown>
    const state =
      node.localName === 'button' ? [] : ['value', 'checked', 'selected', 'open'].filter(name => name in node)
    // Where no option is told to be selected, a field keeps what it has.
    const chosen = !node.closest('select') || node.closest('select')!.querySelector('[selected]')
    const attributes = Array.from(node.attributes, ({ name, value }) => [name, value])
      .filter(([name]) => !state.includes(name!))
      .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
      .sort()
    const fields = state
      .filter(name => chosen || (name === 'value' && node.localName === 'option'))
      .map(name => ` .${name}=${JSON.stringify(held[name])}`)
    return `<${node.localName}${attributes.join('')}${fields.join('')}>${inside(node)}</>`
  }
  const inside = (node: Node): string => Array.from(node.childNodes, write).join('')
  const answer = await fetch('expected/')
  const wanted = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const islands = [...document.querySelectorAll('main > [data-sx-island]')]
  const show = (island: Element): string => {
    const failed = island.hasAttribute('data-sx-failed') ? 'failed ' : ''
    return failed + inside(island.firstElementChild!.firstElementChild!)
  }
  const shown = islands.map(island => [show(island)])
  for (let step = 1; step <= Math.max(...steps); step++) {
    for (const island of islands)
      island.firstElementChild!.querySelectorAll<HTMLButtonElement>(':scope > button')[step - 1]?.click()
    await new Promise(resolve => setTimeout(resolve))
    for (const [i, island] of islands.entries()) if (step <= steps[i]!) shown[i]!.push(show(island))
  }
  const expected = shown.map((all, i) =>
    all.map((_, j) => {
      const element = wanted.getElementById(`i-${i}-${j}`)
      return element ? inside(element) : undefined
    }),
  )
  return { shown, expected }
}

/** Throws when the site can't be built. */
export const runLive = async (
  context: BrowserContext,
  programs: readonly Program[],
): Promise<LiveDisagreement[]> => {
  const all = programs.map(({ definitions, page }) => ({ page, steps: stepsOf(definitions.steps!) }))
  const site = await serveIslands(liveSite(all))
  try {
    const { page, said, mutations } = await openIslands(context, site.url)
    const found: LiveDisagreement[] = []
    const touched = await mutations()
    if (touched.length > 0 || said.length > 0)
      found.push({ program: 0, step: -1, expected: '', seen: [...touched, ...said].join('\n') })
    const { shown, expected } = await page.evaluate(
      walk,
      all.map(({ steps }) => steps.length - 1),
    )
    for (const [program, states] of shown.entries()) {
      // What comes after a wrong step tells nothing.
      const step = states.findIndex((seen, j) => seen !== expected[program]![j])
      if (step >= 0)
        found.push({ program, step, expected: expected[program]![step] ?? 'nothing', seen: states[step]! })
    }
    await page.close()
    return found
  } finally {
    await site.stop()
  }
}
