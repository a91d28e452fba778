// The shape of a workload as it was written: read back and measured, for bench/README.md and for tests.
import { read } from '../src/lang/reader.ts'
import { isDict, isList, type List, Sym, type Value } from '../src/lang/values.ts'
import type { SourceFile } from './workload.ts'

export interface Shape {
  readonly definitions: number
  readonly pages: number
  readonly files: number
  readonly bytes: number
  readonly medianBytes: number
  readonly meanBytes: number
  /** distinct definitions that a definition refers to, mean; macros included */
  readonly references: number
  readonly longestChain: number
  readonly cycles: number
  readonly largestCycle: number
  readonly closureMedian: number
  readonly closure90: number
  /** definitions that one edit changes, mean */
  readonly ancestors: number
}

export const shape = (files: readonly SourceFile[]): Shape => {
  const forms: { name: string; form: List; bytes: number }[] = []
  const pages: List[] = []
  for (const file of files) {
    const source = read(file.text, file.path)
    for (const form of source.forms as readonly List[]) {
      const name = (form[1] as Sym).name
      if ((form[0] as Sym).name === 'defpage') pages.push(form)
      else forms.push({ name, form, bytes: 0 })
    }
    const texts = file.text.split(/\n\n?(?=;|\()/).filter(one => /^\((?!defpage)/.test(one))
    texts.forEach((one, i) => {
      forms[forms.length - texts.length + i]!.bytes = one.trimEnd().length
    })
  }
  const index = new Map(forms.map((one, i) => [one.name, i]))
  const graph = forms.map(one => [...namesIn(one.form.slice(2), index)])
  const { component, sizes, longest } = components(graph)
  const closures = pages.map(page => closureSize([...namesIn(page, index)], graph)).sort((a, b) => a - b)
  const sample = forms.map((_, i) => i).filter(i => i % Math.ceil(forms.length / 2000) === 0)
  const bytes = forms.map(one => one.bytes).sort((a, b) => a - b)
  const cyclic = sizes.filter(size => size > 1)
  return {
    definitions: forms.length,
    pages: pages.length,
    files: files.length,
    bytes: files.reduce((sum, one) => sum + one.text.length, 0),
    medianBytes: bytes[bytes.length >> 1]!,
    meanBytes: Math.round(bytes.reduce((sum, one) => sum + one, 0) / bytes.length),
    references: Number((graph.reduce((sum, one) => sum + one.length, 0) / graph.length).toFixed(2)),
    longestChain: longest,
    cycles: cyclic.length,
    largestCycle: Math.max(0, ...cyclic),
    closureMedian: closures[closures.length >> 1]!,
    closure90: closures[Math.floor(closures.length * 0.9)]!,
    ancestors: Math.round(sample.reduce((sum, i) => sum + closureSize([i], graph), 0) / sample.length),
    ...(component.length !== forms.length && { error: true }),
  }
}

const namesIn = (form: Value, index: ReadonlyMap<string, number>): Set<number> => {
  const found = new Set<number>()
  const walk = (one: Value): void => {
    if (one instanceof Sym) {
      const at = index.get(one.name)
      if (at !== undefined) found.add(at)
      else if (one.name.includes('/') && one.name.length > 1) throw new Error(`${one.name} is not defined`)
    } else if (isList(one)) for (const inner of one) walk(inner)
    else if (isDict(one)) for (const inner of one.values()) walk(inner)
  }
  walk(form)
  return found
}

const closureSize = (roots: readonly number[], graph: readonly (readonly number[])[]): number => {
  const seen = new Set(roots)
  for (const one of seen) for (const to of graph[one]!) seen.add(to)
  return seen.size
}

/** Tarjan's strongly connected components, without recursion; they close in dependency order, so chains add up. */
const components = (graph: readonly (readonly number[])[]) => {
  const order = new Int32Array(graph.length).fill(-1)
  const low = new Int32Array(graph.length)
  const component = new Int32Array(graph.length).fill(-1)
  const sizes: number[] = []
  const heights: number[] = []
  const stack: number[] = []
  let counter = 0
  for (let root = 0; root < graph.length; root++) {
    if (order[root] !== -1) continue
    const work: [node: number, next: number][] = [[root, 0]]
    order[root] = low[root] = counter++
    stack.push(root)
    while (work.length > 0) {
      const top = work[work.length - 1]!
      const [node, next] = top
      const to = graph[node]![next]
      if (to !== undefined) {
        top[1]++
        if (order[to] === -1) {
          order[to] = low[to] = counter++
          stack.push(to)
          work.push([to, 0])
        } else if (component[to] === -1) low[node] = Math.min(low[node]!, order[to]!)
        continue
      }
      work.pop()
      const parent = work[work.length - 1]
      if (parent !== undefined) low[parent[0]] = Math.min(low[parent[0]]!, low[node]!)
      if (low[node] !== order[node]) continue
      const members = stack.splice(stack.indexOf(node))
      let height = 0
      for (const one of members) component[one] = sizes.length
      for (const one of members)
        for (const inner of graph[one]!)
          if (component[inner] !== sizes.length) height = Math.max(height, heights[component[inner]!]!)
      sizes.push(members.length)
      heights.push(height + 1)
    }
  }
  return { component, sizes, longest: heights.reduce((a, b) => Math.max(a, b), 0) }
}
