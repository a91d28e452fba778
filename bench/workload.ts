// A made-up SX site of any size, the same for the same seed, shaped like a real interface of 11,826 definitions:
// median 191 bytes, mean 389, 2.3 direct references each, chains of up to 86, 43 cycles of which the largest has 57
// members, one page for a hundred definitions whose closure has a median of 389. Every benchmark builds it.
//
//   node bench/workload.ts <folder> [definitions] [seed]     writes it; node bench/workload.ts --shape 10000 measures it
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createWriter, type Definition, type Kind } from './workload-text.ts'

export interface SourceFile {
  /** relative, with `/` */
  readonly path: string
  readonly text: string
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
const createRandom = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const areas = [
  'blog',
  'market',
  'cart',
  'events',
  'federation',
  'people',
  'places',
  'search',
  'admin',
  'help',
]
const perArea = 420
const chained = 60
/** Larger sites are several that share a core: a page's closure does not grow with the site. */
const areasPerDistrict = 28
const perFile = 20

/** `count` definitions and one page for each hundred of them, in files of twenty. */
export const workload = (count: number, seed = 1): SourceFile[] => {
  const random = createRandom(seed)
  const definitions = plan(count, random)
  const writer = createWriter(random)
  const files: SourceFile[] = []
  for (let from = 0; from < count; from += perFile) {
    const part = definitions.slice(from, from + perFile)
    files.push({
      path: `${part[0]!.area}/part-${String(from / perFile).padStart(4, '0')}.sx`,
      text: part.map(one => writer.definition(one)).join('\n'),
    })
  }
  const pages = Math.max(1, Math.round(count / 100))
  for (let from = 0; from < pages; from += perFile) {
    const texts: string[] = []
    for (let i = from; i < Math.min(pages, from + perFile); i++)
      texts.push(writer.page(i, pageReferences(definitions, random)))
    files.push({ path: `pages/pages-${String(from / perFile).padStart(3, '0')}.sx`, text: texts.join('\n') })
  }
  return files
}

/** Names, kinds, sizes and references of all definitions; a reference leads to an earlier one, except in cycles. */
const plan = (count: number, random: () => number): Definition[] => {
  const definitions: Definition[] = []
  const core = Math.min(240, Math.ceil(count / 10))
  for (let i = 0; i < count; i++) {
    const number = i < core ? 0 : 1 + Math.floor((i - core) / perArea)
    const area =
      number === 0 ? 'core' : `${areas[(number - 1) % areas.length]}${Math.ceil(number / areas.length)}`
    const kind = kindOf(i, random)
    const definition: Definition = {
      kind,
      area,
      name: nameOf(kind, area, i),
      size: Math.min(20_000, Math.max(48, 130 * Math.exp(1.36 * normal(random)))),
      references: [],
    }
    definitions.push(definition)
    if (kind === 'macro' || kind === 'island') continue
    const first = number === 0 ? 0 : core + (number - 1) * perArea
    const wanted = kind === 'value' ? (random() < 0.3 ? 1 : 0) : referenceCount(definition.size, random)
    for (let k = 0; k < wanted; k++) {
      const to = target(i, first, core, random)
      const found = to === undefined ? undefined : fitting(definitions, to, kind)
      if (found !== undefined && !definition.references.includes(found)) definition.references.push(found)
    }
  }
  addChain(definitions, core)
  addCycles(definitions, core, random)
  return definitions
}

/** Most references stay near or go to what everybody uses; a few lead into another area, and make the large closures. */
const target = (i: number, first: number, core: number, random: () => number): number | undefined => {
  const choice = random()
  const district = first - ((first - core) % (perArea * areasPerDistrict))
  if (choice < 0.03 && first > district) return Math.max(district, first - 1 - Math.floor(random() * 4000))
  if (choice < 0.86 && i > first) return Math.max(first, i - 1 - Math.floor(random() ** 1.6 * 150))
  const reach = Math.min(core, i)
  return reach === 0 ? undefined : Math.floor(random() ** 1.3 * reach)
}

/** The nearest definition at or before `to` that a definition of this kind can refer to. */
const fitting = (definitions: readonly Definition[], to: number, kind: Kind): Definition | undefined => {
  for (let i = to; i >= 0 && i > to - 40; i--) {
    const one = definitions[i]!
    if (kind === 'value' ? one.kind === 'value' : kind === 'function' ? numeric.has(one.kind) : true)
      return one
  }
  return undefined
}

const numeric: ReadonlySet<Kind> = new Set(['function', 'value'])

/** Functions of the second area, each of which refers to the one before: with what lies below, the longest chain. */
const addChain = (definitions: readonly Definition[], core: number): void => {
  const functions = definitions.slice(core + perArea).filter(one => one.kind === 'function')
  for (let i = 1; i < Math.min(chained, functions.length); i++) {
    const [one, before] = [functions[i]!, functions[i - 1]!]
    if (!one.references.includes(before)) one.references.push(before)
  }
}

/** Groups of functions and components that stand near each other and all lead to each other. */
const addCycles = (definitions: readonly Definition[], core: number, random: () => number): void => {
  const cycles = Math.round((definitions.length * 43) / 11_826)
  const stride = Math.floor((definitions.length - core) / Math.max(1, cycles))
  for (let c = 0; c < cycles; c++) {
    const largest = Math.min(57, Math.max(3, Math.floor(definitions.length / 180)))
    const members = c === 0 ? largest : 2 + Math.floor(random() ** 3 * 6)
    const kind = random() < 0.7 ? 'function' : 'component'
    const from = core + c * stride
    const group: Definition[] = []
    for (let i = from; i < definitions.length && group.length < members; i++)
      if (definitions[i]!.kind === kind) group.push(definitions[i]!)
    group.forEach((one, i) => {
      const next = group[(i + 1) % group.length]!
      if (!one.references.includes(next)) one.references.push(next)
    })
  }
}

/** What a page shows: things of one area that stand near each other; one page in eight is a front page of many areas. */
const pageReferences = (definitions: readonly Definition[], random: () => number): Definition[] => {
  const shown: Definition[] = []
  const wide = random() < 0.13
  const wanted = wide ? 10 + Math.floor(random() * 10) : 2 + Math.floor(random() ** 2 * 12)
  let i = Math.floor(random() * definitions.length)
  for (let steps = 0; shown.length < wanted && steps < 400; steps++) {
    const one = definitions[i]!
    if ((one.kind === 'component' || one.kind === 'island') && !shown.includes(one)) shown.push(one)
    i = (i + 1 + Math.floor(random() * (wide ? 2000 : 30))) % definitions.length
  }
  return shown
}

const kindOf = (i: number, random: () => number): Kind => {
  if (i === 0) return 'component'
  if (i === 1) return 'macro'
  const choice = random()
  return choice < 0.46
    ? 'component'
    : choice < 0.87
      ? 'function'
      : choice < 0.97
        ? 'value'
        : choice < 0.995
          ? 'island'
          : 'macro'
}

const stems: Readonly<Record<Kind, readonly string[]>> = {
  component: ['card', 'panel', 'row', 'badge', 'banner', 'field', 'menu', 'list'],
  function: ['total', 'score', 'count', 'weight', 'rank', 'share', 'distance', 'price'],
  value: ['theme', 'limits', 'labels', 'spacing'],
  island: ['counter', 'picker', 'toggle'],
  macro: ['unless', 'when-any'],
}

const nameOf = (kind: Kind, area: string, i: number): string => {
  const stem = stems[kind][i % stems[kind].length]
  return `${kind === 'component' || kind === 'island' ? '~' : ''}${area}/${stem}-${i}`
}

/** The longer a definition, the more it refers to; some choices find nothing. */
const referenceCount = (size: number, random: () => number): number => {
  const mean = 2.9 * Math.sqrt(size / 220)
  let count = 0
  while (count < 24 && random() < mean / (1 + mean)) count++
  return count
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

if (import.meta.main) {
  const [folder, count = '10000', seed = '1'] = process.argv.slice(2)
  if (folder === undefined) {
    console.error('usage: node bench/workload.ts <folder>|--shape [definitions] [seed]')
    process.exitCode = 2
  } else {
    const files = workload(Number(count), Number(seed))
    if (folder === '--shape') {
      const { shape } = await import('./workload-shape.ts')
      console.log(JSON.stringify(shape(files)))
    } else {
      for (const { path, text } of files) {
        const file = join(folder, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
      console.log(`${files.length} files in ${folder}`)
    }
  }
}
