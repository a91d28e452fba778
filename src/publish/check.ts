// A site's sources checked without building: what a build finds before it renders, and what it doesn't look for.
import { type Place, SxError } from '../errors.ts'
import { placeOf } from '../ipld/definition.ts'
import { collect } from '../ipld/definitions.ts'
import type { Graph } from '../ipld/graph.ts'
import { pathTo } from '../ipld/purity.ts'
import { readWasm } from '../ipld/wasm.ts'
import { compareCodePoints } from '../lang/order.ts'
import { sym } from '../lang/values.ts'
import { primitives } from '../lang/words.ts'
import { Prim } from '../runtime/values.ts'
import { type CallRules, checkCall } from './check-calls.ts'
import { effectsIn, siteTypes, unknownTypesIn } from './check-strict.ts'
import { createBoundNames, unusedDefinitions } from './check-unused.ts'
import { placedAt } from './failed.ts'
import { type Finding, findingOf } from './finding.ts'
import { createMemorySite, type MemoryPorts, readSources, type SiteFolders } from './memory-site.ts'
import { type Signature, signatureOfDefinition, signaturesOfLibrary } from './signatures.ts'
import type { Pending } from './source-folder.ts'

export interface Checked {
  readonly errors: readonly Finding[]
  readonly warnings: readonly Finding[]
  readonly files: number
  readonly definitions: number
}

export interface CheckOptions {
  /** types that mean something, literals of the declared types, effects that hold those of what is referred to */
  readonly strict?: boolean
}

/** Throws 'not-found' and 'source-invalid' for the folder itself; all else is a finding. */
export const check = (
  site: SiteFolders,
  ports: MemoryPorts,
  { strict = false }: CheckOptions = {},
): Checked => {
  const errors: Finding[] = []
  const warnings: Finding[] = []
  let pending: Pending
  try {
    pending = readSources(site)
  } catch (error) {
    if (!(error instanceof SxError) || error.code !== 'build-failed') throw error
    const found = error.detail.errors as readonly SxError[]
    return { errors: sorted(found.map(findingOf)), warnings: [], files: 0, definitions: 0 }
  }
  for (const [path, bytes] of pending.wasm) {
    try {
      if (bytes !== undefined) readWasm(bytes)
    } catch (error) {
      errors.push(findingOf(placedAt(error, { file: path, line: 1, column: 1, excerpt: '' })))
    }
  }

  const { definitions, libraries } = signaturesIn(pending)
  const told = new Set<string>()
  const names = createBoundNames()
  const words = new Map<string, Prim | undefined>()
  const rules: CallRules = {
    types: strict ? name => siteTypes(graph)(name) : undefined,
    of: ref =>
      ref.library === undefined ? definitions.get(ref.name) : libraries.get(ref.library)?.names.get(ref.name),
    own: (file, name) => [...libraries.values()].find(one => one.file === file)?.names.get(name),
    word: name => {
      if (!words.has(name)) {
        const value = primitives.has(name) ? primitive(name) : undefined
        words.set(name, value instanceof Prim ? value : undefined)
      }
      return words.get(name)
    },
    // A macro that inserts a call twice is told of once.
    tell: (severity, finding) => {
      const { place } = finding
      const key = `${finding.message}\n${place?.file}:${place?.line}:${place?.column}`
      if (told.has(key)) return
      told.add(key)
      ;(severity === 'error' ? errors : warnings).push(finding)
    },
  }
  const { graph, runtime, take } = createMemorySite(ports, {
    ...(site.others && { others: site.others }),
    observe: { ...names, call: (...about) => checkCall(...about, rules) },
  })
  const primitive = (name: string): unknown => {
    try {
      return runtime.evaluateSync(sym(name))
    } catch {
      // Not every word is there in every host.
      return undefined
    }
  }

  const update = take(pending)
  errors.push(...update.errors.map(findingOf))
  if (update.errors.length === 0) {
    const entries = [...graph.entries(), ...graph.pages()]
    for (const { name, warning } of update.warnings)
      if (warning.code !== 'tag-parameter' || warning.detail.called === true)
        warnings.push({
          ...withDetail(warning.detail),
          code: warning.code,
          message: `${name}: ${warning.message}`,
        })
    if (strict) errors.push(...unknownTypesIn(graph), ...effectsIn(graph))
    warnings.push(...unusedDefinitions(graph), ...names.unused(entries), ...impureIslands(graph))
  }
  return {
    errors: sorted(errors),
    warnings: sorted(warnings),
    files: pending.set.length + pending.wasm.size,
    definitions: update.names.size,
  }
}

const withDetail = ({ place, hint, related }: SxError['detail']): Omit<Finding, 'code' | 'message'> => ({
  ...(place && { place }),
  ...(hint !== undefined && { hint }),
  ...(related && { related }),
})

interface Signatures {
  readonly definitions: ReadonlyMap<string, Signature>
  readonly libraries: ReadonlyMap<
    string,
    { readonly file: string; readonly names: ReadonlyMap<string, Signature> }
  >
}

/** The first of several definitions of a name counts; that there are several is an error of its own. */
const signaturesIn = (pending: Pending): Signatures => {
  const definitions = new Map<string, Signature>()
  const libraries = new Map<string, { file: string; names: ReadonlyMap<string, Signature> }>()
  for (const { path, source } of pending.set) {
    const found = collect(source, path)
    for (const at of found.definitions) {
      const signature = signatureOfDefinition(at)
      if (signature !== undefined && !definitions.has(at.name)) definitions.set(at.name, signature)
    }
    if (found.library !== undefined)
      libraries.set(found.library.name, { file: path, names: signaturesOfLibrary(found.library) })
  }
  return { definitions, libraries }
}

/** Islands that reach host words: a page on a static host has nobody to ask. */
const impureIslands = (graph: Graph): readonly Finding[] => {
  const found: Finding[] = []
  for (const entry of graph.entries()) {
    if (entry.kind !== 'island' || entry.io.length === 0) continue
    const word = entry.io[0]!
    const path = pathTo(entry, word)
    found.push({
      code: 'impure-island',
      message: `the island ${entry.name} reaches ${entry.io.join(', ')}, which only a host answers`,
      place: placeOf(entry.origin.at),
      hint: `it goes ${[...path.map(one => one.name), word].join(' → ')}; let the page ask, and hand the result in`,
      related: path.slice(1).map(one => ({ note: `by way of ${one.name}`, place: placeOf(one.origin.at) })),
    })
  }
  return found
}

const none: Place = { file: '', line: 0, column: 0, excerpt: '' }

const sorted = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => {
    const [x, y] = [a.place ?? none, b.place ?? none]
    return compareCodePoints(x.file, y.file) || x.line - y.line || x.column - y.column
  })
