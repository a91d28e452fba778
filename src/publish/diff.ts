// What lies between two roots, as people see it: definitions by name, what callers of each will notice, and its text.
import { createTwoFilesPatch } from 'diff'
import { compareCodePoints } from '../lang/order.ts'
import { printed } from './diff-text.ts'
import type { Parameter, Signature } from './signatures.ts'

/** A root as this looks at it. */
export interface Side {
  /** name → CID of definitions, libraries and modules */
  readonly names: ReadonlyMap<string, string>
  /** pattern → CID */
  readonly pages: ReadonlyMap<string, string>
  readonly kindOf: (cid: string) => string
  /** its own text, with names for what it refers to: the same text, the same definition but for what lies below it */
  readonly textOf: (cid: string, name: string) => string
  /** undefined: nothing is called there, or nobody knows how */
  readonly signatureOf: (cid: string, name: string) => Signature | undefined
}

/** added: callers may give more than before. breaking: a call that worked may not. */
export type Compatibility = 'compatible' | 'additive' | 'breaking'

export interface Difference {
  readonly name: string
  readonly kind: string
  /** affected: the same text, over something that changed */
  readonly change: 'added' | 'removed' | 'renamed' | 'changed' | 'affected'
  /** of what was renamed */
  readonly from?: string
  readonly before?: string
  readonly after?: string
  readonly compatibility?: Compatibility
  /** what callers notice */
  readonly notices?: readonly string[]
  /** unified diff of its text */
  readonly text?: string
}

export interface Diff {
  /** by kind of change, then by name */
  readonly definitions: readonly Difference[]
  readonly pages: readonly Difference[]
  /** the worst of all; undefined: nothing that is called has changed */
  readonly compatibility?: Compatibility
}

const order = ['removed', 'renamed', 'changed', 'added', 'affected'] as const
const worse: readonly Compatibility[] = ['compatible', 'additive', 'breaking']

export const diffSides = (a: Side, b: Side): Diff => {
  const definitions = sorted([...changed(a, b, a.names, b.names), ...moved(a, b)])
  const pages = sorted([...changed(a, b, a.pages, b.pages), ...goneAndNew(a, b, a.pages, b.pages)])
  const all = definitions.flatMap(({ compatibility }) => compatibility ?? [])
  const compatibility = worse.findLast(one => all.includes(one))
  return { definitions, pages, ...(compatibility && { compatibility }) }
}

const sorted = (all: readonly Difference[]): readonly Difference[] =>
  [...all].sort(
    (x, y) => order.indexOf(x.change) - order.indexOf(y.change) || compareCodePoints(x.name, y.name),
  )

type Index = ReadonlyMap<string, string>

function* changed(a: Side, b: Side, before: Index, after: Index): Generator<Difference> {
  for (const [name, now] of after) {
    const was = before.get(name)
    if (was === undefined || was === now) continue
    const [old, next] = [a.textOf(was, name), b.textOf(now, name)]
    const kind = b.kindOf(now)
    const both = { name, kind, before: was, after: now }
    if (old === next) yield { ...both, change: 'affected' }
    else {
      const found = compare(a.kindOf(was), kind, a.signatureOf(was, name), b.signatureOf(now, name))
      yield { ...both, change: 'changed', ...found, text: patch(name, old, next) }
    }
  }
}

/** Added, removed, or only called otherwise: one CID under another name is no other definition. */
function* moved(a: Side, b: Side): Generator<Difference> {
  const free = new Map<string, string[]>()
  for (const [name, cid] of a.names)
    if (!b.names.has(name)) free.set(cid, [...(free.get(cid) ?? []), name].sort())
  const renamed = new Set<string>()
  const news = new Map<string, string>()
  for (const [name, cid] of [...b.names].sort(([x], [y]) => compareCodePoints(x, y))) {
    if (a.names.has(name)) continue
    const from = free.get(cid)?.shift()
    if (from === undefined) news.set(name, cid)
    else {
      renamed.add(from)
      yield {
        name,
        kind: b.kindOf(cid),
        change: 'renamed',
        from,
        before: cid,
        after: cid,
        compatibility: 'breaking',
        notices: [`it was called ${from}`],
      }
    }
  }
  const gone = new Map([...a.names].filter(([name]) => !b.names.has(name) && !renamed.has(name)))
  yield* goneAndNew(a, b, gone, news, true)
}

function* goneAndNew(a: Side, b: Side, before: Index, after: Index, called = false): Generator<Difference> {
  for (const [name, cid] of before)
    if (!after.has(name))
      yield {
        name,
        kind: a.kindOf(cid),
        change: 'removed',
        before: cid,
        ...(called && { compatibility: 'breaking' as const }),
      }
  for (const [name, cid] of after)
    if (!before.has(name))
      yield {
        name,
        kind: b.kindOf(cid),
        change: 'added',
        after: cid,
        ...(called && { compatibility: 'additive' as const }),
        text: patch(name, '', b.textOf(cid, name)),
      }
}

/** Names instead of file names, no dates: the same two roots, the same text. */
const patch = (name: string, old: string, next: string): string =>
  createTwoFilesPatch(name, name, old, next, undefined, undefined, { context: 2 })
    .split('\n')
    .slice(3)
    .join('\n')

const compare = (
  kindBefore: string,
  kindAfter: string,
  before: Signature | undefined,
  after: Signature | undefined,
): Pick<Difference, 'compatibility' | 'notices'> => {
  if (kindBefore !== kindAfter)
    return { compatibility: 'breaking', notices: [`a ${kindBefore} is a ${kindAfter} now`] }
  if (before === undefined && after === undefined) return {}
  if (before === undefined || after === undefined)
    return { compatibility: 'breaking', notices: ['it is called in another way'] }
  const breaking: string[] = []
  const additive: string[] = []
  const typed = (what: string, old: Parameter, next: Parameter): void => {
    const [from, to] = [printed(old.type), printed(next.type)]
    // what took a string and now takes one or nothing takes all that it took
    if (from !== to && to !== 'any' && to !== '' && to !== `${from}?`)
      breaking.push(`${what} is ${to}, and was ${from || 'anything'}`)
    else if (from !== to) additive.push(`${what} takes ${to || 'anything'}`)
  }
  after.positions.forEach((next, i) => {
    const old = before.positions[i]
    if (old === undefined)
      (next.optional || before.rest ? additive : breaking).push(`it takes ${next.name} after ${i} others`)
    else typed(next.name, old, next)
  })
  if (after.positions.length < before.positions.length && !after.rest)
    breaking.push(`it takes ${after.positions.length} arguments, and took ${before.positions.length}`)
  for (const [key, old] of before.keys) {
    const next = after.keys.get(key)
    if (next === undefined) breaking.push(`it takes no :${key} any more`)
    else typed(`:${key}`, old, next)
  }
  for (const [key, next] of after.keys)
    if (!before.keys.has(key)) {
      // without a type nobody said that it must be given; with one that ends in ? it need not be
      const free = next.optional || next.type === undefined
      ;(free ? additive : breaking).push(`it takes :${key}${free ? '' : `, which is ${printed(next.type)}`}`)
    }
  if (before.rest && !after.rest) breaking.push('it takes no more arguments than it names')
  if (!before.rest && after.rest) additive.push('it takes any number of arguments')
  const notices = [...breaking, ...additive]
  return {
    compatibility: breaking.length > 0 ? 'breaking' : additive.length > 0 ? 'additive' : 'compatible',
    ...(notices.length > 0 && { notices }),
  }
}
