// What a program gives, as text that can be compared: its value with types, what it renders to, how it fails, and what
// it noted on the way. Runs in Node and in Chromium, over any core: it imports no class of the runtime.

/** Classes of values, by what shows. */
export type Kinds = ReadonlyMap<unknown, string>

/** An expression whose value has one of each; `component` is written for its last item. */
export const samples = (component: string): string =>
  `(list 'sym (first '(:key)) #\\a 1/2 (dict) (raw! "") (signal 1) (p) (fn () 1) + (call/cc (fn (k) k)) ${component})`

const kindNames = 'symbol keyword char rational dict raw signal markup fn prim continuation component'.split(
  ' ',
)

/** The classes that this runtime has, from what `samples` gave. */
export const kindsOf = (sampled: unknown): Kinds =>
  new Map((sampled as object[]).map((one, i) => [one.constructor, kindNames[i]!]))

interface Fields {
  readonly name: string
  readonly text: string
  readonly num: number
  readonly den: number
  readonly html: string
}

/** Deeper than this, and after so many parts, a value is told by what it begins with: it may hold itself. */
const depth = 40
const most = 2000

const kindOf = (v: object, kinds: Kinds): string | undefined => {
  for (let at = Object.getPrototypeOf(v) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const kind = kinds.get(at.constructor)
    if (kind !== undefined) return kind
  }
  return undefined
}

/** A value with its types. */
export const describe = (value: unknown, kinds: Kinds): string => {
  let left = most
  const told = (v: unknown, deep: number): string => {
    if (deep === 0 || --left < 0) return '…'
    if (v === null) return 'nil'
    if (typeof v === 'string') return JSON.stringify(v)
    if (typeof v === 'number') return Object.is(v, -0) ? '-0' : String(v)
    if (typeof v !== 'object') return String(v)
    if (Array.isArray(v)) return `(${list(v, deep)})`
    const kind = kindOf(v, kinds)
    const { name, text, num, den, html } = v as Fields
    if (kind === 'dict') {
      const all = [...(v as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1))
      return `{${all.map(([key, item]) => `${JSON.stringify(key)} ${told(item, deep - 1)}`).join(' ')}}`
    }
    if (kind === 'symbol') return `'${name}`
    if (kind === 'keyword') return `:${name}`
    if (kind === 'char') return `#\\${text}`
    if (kind === 'rational') return `${num}/${den}`
    if (kind === 'raw') return `<raw ${html}>`
    if (kind === 'prim') return `<${name}>`
    return `<${kind ?? 'unknown'}>`
  }
  const list = (items: readonly unknown[], deep: number): string => {
    const all: string[] = []
    for (const item of items) {
      all.push(told(item, deep - 1))
      if (left < 0) break
    }
    return all.join(' ')
  }
  return told(value, depth)
}

/** `error code: message`, `crash: …` for what is no error of ours, or what it gave; then what was noted. */
export interface Outcome {
  readonly value: string
  readonly html: string
}

export interface Rendered {
  readonly html: string
  readonly head: readonly {
    readonly tag: string
    readonly attributes: readonly (readonly string[])[]
    readonly text: string
  }[]
  readonly islands: readonly string[]
}

export interface Subject {
  evaluate(scope: ReadonlyMap<string, unknown>): unknown
  render(scope: ReadonlyMap<string, unknown>): Rendered | Promise<Rendered>
}

const isCoded = (error: unknown): error is { code: string; message: string; cause?: unknown } =>
  error instanceof Error && error.name === 'SxError' && 'code' in error

const failure = (error: unknown): string => {
  if (isCoded(error)) {
    // Which limit is met first, and after how much, is no part of the contract.
    if (error.code === 'eval-limit') return 'error eval-limit'
    const { cause } = error
    return cause instanceof Error && !isCoded(cause)
      ? `crash: ${cause.name} ${cause.message}`
      : `error ${error.code}: ${error.message}`
  }
  // The JavaScript stack, or a string that is too long: a browser's core hands them on as they are.
  if (error instanceof RangeError && /call stack|string length/i.test(error.message))
    return 'error eval-limit'
  return `crash: ${error instanceof Error ? `${error.name} ${error.message}` : typeof error}`
}

const told = async (
  run: (scope: ReadonlyMap<string, unknown>) => Promise<string>,
  kinds: Kinds,
): Promise<string> => {
  const log: unknown[] = []
  let seen: string
  try {
    seen = await run(
      new Map<string, unknown>([
        ['log', log],
        ['x', 3],
        ['s', 'text'],
      ]),
    )
  } catch (error) {
    seen = failure(error)
    if (seen === 'error eval-limit') return seen
  }
  return log.length === 0 ? seen : `${seen} | ${describe(log, kinds)}`
}

/** `renderFirst`: which of the two meets the definitions first. */
export const observe = async (subject: Subject, kinds: Kinds, renderFirst = false): Promise<Outcome> => {
  const value = (): Promise<string> =>
    told(async scope => describe(await subject.evaluate(scope), kinds), kinds)
  const html = (): Promise<string> =>
    told(async scope => {
      const { html, head, islands } = await subject.render(scope)
      const elements = head.map(e => [e.tag, e.attributes, e.text])
      const more = head.length === 0 ? '' : ` head ${JSON.stringify(elements)}`
      const live = islands.length === 0 ? '' : ` islands ${islands.join(' ')}`
      return html + more + live
    }, kinds)
  if (!renderFirst) return { value: await value(), html: await html() }
  const rendered = await html()
  return { value: await value(), html: rendered }
}
