// The layers of docs/architecture.md as a test: who may import whom, no cycles, and what runs in a browser.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Folder or file of src → layer. An import must point to a lower layer, or stay inside its own folder. */
const layers: Record<string, number> = {
  errors: 0,
  lang: 1,
  ipld: 2,
  ports: 2,
  'dag-port': 2,
  runtime: 3,
  anchor: 3,
  store: 3,
  publish: 4,
  gateway: 4,
  federation: 4,
  client: 4,
  settings: 3,
  config: 5,
  'app-port': 5,
  app: 5,
  cli: 6,
}
/** Same layer, and yet allowed: what the core is told of the world is part of the core's language. */
const neighbours = new Set(['ipld>ports', 'ports>ipld', 'app>config', 'app>app-port'])
const browserSafe = new Set(['errors', 'lang', 'ipld', 'ports', 'runtime', 'anchor', 'client'])
const storeUsers = new Set(['store', 'app'])

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.ts'))
const room = (file: string): string => file.split('/')[0]!.replace(/\.ts$/, '')

const pattern =
  /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|(?<!typeof )import\(\s*'([^']+)'\s*\)|^\s*import\s+'([^']+)'/gm
function importsOf(file: string): { to: string; type: boolean }[] {
  return [...readFileSync(join('src', file), 'utf8').matchAll(pattern)].map(m => ({
    to: (m[2] ?? m[3] ?? m[4])!,
    type: m[1] !== undefined,
  }))
}
const target = (file: string, to: string): string => normalize(join(dirname(file), to))

describe('architecture', () => {
  it('finds the sources', () => expect(files.length).toBeGreaterThan(20))

  it('imports point down the layers', () => {
    const wrong: string[] = []
    for (const file of files)
      for (const { to, type } of importsOf(file)) {
        if (!to.startsWith('.')) continue
        const from = room(file)
        const into = room(target(file, to))
        if (layers[from] === undefined || layers[into] === undefined)
          wrong.push(`${file}: ${into} has no layer`)
        else if (from !== into && !neighbours.has(`${from}>${into}`) && layers[into] >= layers[from]!)
          wrong.push(`${file} imports ${to}: ${into} does not lie below ${from}`)
        if (into === 'store' && !storeUsers.has(from))
          wrong.push(`${file} imports ${to}: only app.ts knows the store`)
        if (into === 'client' && from !== 'client' && !type)
          wrong.push(
            `${file} imports ${to}: the client is built as bundles, and no module of it is in the package`,
          )
      }
    expect(wrong).toEqual([])
  })

  it('what runs in a browser imports nothing of Node', () => {
    const wrong: string[] = []
    for (const file of files.filter(f => browserSafe.has(room(f)))) {
      for (const { to } of importsOf(file)) if (to.startsWith('node:')) wrong.push(`${file} imports ${to}`)
      if (/\bBuffer\.|\bprocess\.|__dirname/.test(readFileSync(join('src', file), 'utf8')))
        wrong.push(`${file} names Buffer or process`)
    }
    expect(wrong).toEqual([])
  })

  it('nothing evaluates text as JavaScript', () => {
    const wrong = files.filter(f =>
      /\beval\(|new Function\(/.test(readFileSync(join('src', f), 'utf8').replace(/^\s*(\/\/|\*).*$/gm, '')),
    )
    expect(wrong).toEqual([])
  })

  it('has no import cycle', () => {
    const state = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (file: string, path: string[]): void => {
      if (state.get(file) === 'done') return
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
        return
      }
      state.set(file, 'open')
      for (const { to, type } of importsOf(file))
        if (to.startsWith('.') && !type) visit(target(file, to), [...path, file])
      state.set(file, 'done')
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })
})
