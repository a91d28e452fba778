// A site of a seed: definitions that refer to each other, and pages, each of which is a program. Program n is page n % 16
// of site ⌊n / 16⌋, so that what a definition costs is paid once for sixteen.
import { general, statement } from './control.ts'
import { leaves, productions } from './data.ts'
import {
  createGrammar,
  distinct,
  during,
  type Grammar,
  type Signature,
  type Tables,
  type Type,
  type Variable,
} from './grammar.ts'
import { limitProgram } from './limits.ts'
import { createRandom, type Random } from './random.ts'

export const pagesOfSite = 16

export interface Site {
  readonly seed: number
  /** file → its text; `main.sx` holds the definitions, `lib.sx` the library */
  readonly definitions: Readonly<Record<string, string>>
  /** one expression each; `log`, `x` and `s` are bound: a list to note things in, a number, a string */
  readonly pages: readonly string[]
}

const tables: Tables = { leaves, productions, general, generality: 35 }

const given: readonly Variable[] = [
  { name: 'log', type: 'log', fixed: true },
  { name: 'x', type: 'number' },
  { name: 's', type: 'string' },
]

const parameterTypes: readonly Type[] = [
  'number',
  'string',
  'any',
  'numbers',
  'function',
  'boolean',
  'log',
  'dict',
]
const results: readonly Type[] = [
  'number',
  'number',
  'string',
  'any',
  'numbers',
  'boolean',
  'markup',
  'list',
  'dict',
  'function',
]

interface Draft extends Signature {
  readonly text: (g: Grammar) => string
}

const asVariables = (names: readonly string[], list: readonly Type[]): Variable[] =>
  list.map(
    (type, i): Variable => ({ name: names[i]!, type, ...(i === 0 && type === 'number' && { fixed: true }) }),
  )

/** `(if (< n 1) … …)`: what calls itself or its fellows counts down. */
const countingDown = (g: Grammar, n: string, self: readonly Signature[], result: Type): string => {
  const end = g.of(result)
  const next = g.r.pick(self)
  const args = next.positions.map((type, i) => (i === 0 ? `(- ${n} 1)` : g.of(type)))
  const again = `(${[next.name, ...args].join(' ')})`
  const use =
    result === 'number'
      ? `(+ ${again} ${g.of('number')})`
      : result === 'any'
        ? `(list ${again} ${g.of('any')})`
        : again
  return `(if (< ${n} 1) ${end} ${use})`
}

const functionDraft = (r: Random, index: number, fellows: () => readonly Signature[]): Draft => {
  const counts = r.chance(40)
  const positions: Type[] = [
    ...(counts ? (['number'] as const) : []),
    ...Array.from({ length: r.below(3) }, () => r.pick(parameterTypes)),
  ]
  const keyed = !counts && r.chance(15)
  const result = counts ? r.pick(['number', 'any', 'string'] as const) : r.pick(results)
  const keys = keyed ? ([['k', 'number']] as const) : []
  const rest = keyed && r.chance(50) ? ('any' as const) : undefined
  const name = `zf${index}`
  return {
    name,
    kind: 'function',
    result,
    positions,
    keys,
    ...(rest && { rest }),
    text(g) {
      const names = distinct(g, positions.length).map(n => (n === 'k' ? 'kk' : n))
      const params = [...names, ...(keyed ? ['&key', 'k'] : []), ...(rest ? ['&rest', 'others'] : [])]
      const variables: Variable[] = [
        ...asVariables(names, positions),
        ...(keyed ? [{ name: 'k', type: 'any' } as const] : []),
        ...(rest ? [{ name: 'others', type: 'list' } as const] : []),
      ]
      const body = g.within(variables, () => {
        const note = g.r.chance(25) ? `${statement(g)} ` : ''
        const self = fellows().filter(
          s => s.result === result && s.positions[0] === 'number' && s.keys.length === 0,
        )
        return note + (counts ? countingDown(g, names[0]!, self, result) : g.of(result))
      })
      return `(define (${[name, ...params].join(' ')}) ${body})`
    },
  }
}

const componentDraft = (r: Random, index: number): Draft => {
  const island = r.chance(20)
  const name = `~z${island ? 'i' : 'c'}${index}`
  const keys = (
    [
      ['a', 'string'],
      ['b', 'number'],
      ['d', 'any'],
      ['log', 'log'],
    ] as const
  ).filter(() => r.chance(60))
  const rest = r.chance(60) ? ('markup' as const) : undefined
  const positions: Type[] = r.chance(15) ? ['any'] : []
  return {
    name,
    kind: 'component',
    result: 'markup',
    positions,
    keys,
    ...(rest && { rest }),
    text(g) {
      const params = [
        ...positions.map(() => 'e'),
        ...(keys.length > 0 ? ['&key', ...keys.map(([key]) => key)] : []),
        ...(rest ? ['&rest', 'children'] : []),
      ]
      const variables: Variable[] = [
        ...positions.map((type): Variable => ({ name: 'e', type })),
        // Not given, it is nil.
        ...keys.map(([key, type]): Variable => ({ name: key, type: type === 'number' ? 'any' : type })),
        ...(rest ? [{ name: 'children', type: 'markup' } as const] : []),
      ]
      const body = g.within(variables, () => {
        const state = island
          ? g.within(
              [{ name: 'st', type: 'signal', fixed: true }],
              () => `(let ((st (signal ${g.of('number')}))) ${statement(g)} ${g.of('markup')} (deref st))`,
            )
          : ''
        return island ? state : `${g.r.chance(30) ? `${g.of('string')} ` : ''}${g.of('markup')}`
      })
      return `(${island ? 'defisland' : 'defcomp'} ${name} (${params.join(' ')}) ${body})`
    },
  }
}

const valueDraft = (r: Random, index: number): Draft => {
  const result = r.pick(['number', 'list', 'dict', 'numbers', 'string', 'function', 'any'] as const)
  const name = `zv${index}`
  return {
    name,
    kind: 'value',
    result,
    positions: [],
    keys: [],
    text(g) {
      const head = result === 'dict' && g.r.chance(50) ? 'defstyle' : 'define'
      return `(${head} ${name} ${during(g, { pure: true }, () => g.of(result))})`
    },
  }
}

const macroDraft = (r: Random, index: number): Draft => {
  const positions: Type[] = Array.from({ length: 1 + r.below(2) }, () =>
    r.pick(['number', 'any', 'string'] as const),
  )
  const result = r.pick(['number', 'any', 'string', 'list', 'markup'] as const)
  const name = `zm${index}`
  return {
    name,
    kind: 'macro',
    result,
    positions,
    keys: [],
    rest: 'any',
    text(g) {
      const names = positions.map((_, i) => `${g.r.pick(['a', 'b', 'x', 'n'])}${i}`)
      const template = (): string => {
        const variables = positions.map(
          (type, i): Variable => ({ name: `${names[i]} ,`, type, as: `,${names[i]}` }),
        )
        return during(g, { quoting: true }, () => g.within(variables, () => g.of(result)))
      }
      const body = g.r.chance(50)
        ? `\`(do ,@others ${template()})`
        : g.r.chance(50)
          ? `\`(let ((t (list ,@others))) ${template()})`
          : `(if (empty? others) \`(begin ${template()}) \`(begin ,@others ${template()}))`
      return `(defmacro ${name} (${names.join(' ')} &rest others) ${body})`
    },
  }
}

/** A definition that only stands there: kinds that no other definition can call. */
const silent = (r: Random, index: number): string =>
  r.pick([
    `(deftype zt${index} (list string))`,
    `(defeffect ze${index})`,
    `(defpage zp${index} :path "/z" :title "Z" :content (p "z"))`,
    `(defquery zq${index} (&key (n :as number?)) (list n (str "q" n)))`,
    `(defaction za${index} () {:ok true})`,
    `(defhandler zh${index} () :effects (get) (p "h"))`,
  ])

const libraryText = (g: Grammar): { text: string; signatures: readonly Signature[] } => {
  const drafts: Draft[] = []
  for (const index of [90, 91]) drafts.push(functionDraft(g.r, index, () => drafts))
  const inner: Grammar = createGrammar(g.r, tables, drafts, [], 30)
  const value = during(inner, { pure: true }, () => inner.of('number'))
  return {
    text: `(define-library (z lib) (export ${drafts.map(d => d.name).join(' ')} zl) (begin ${drafts.map(d => d.text(inner)).join('\n')}\n(define zl ${value})))`,
    signatures: [...drafts, { name: 'zl', kind: 'value', result: 'number', positions: [], keys: [] }],
  }
}

export const siteOf = (seed: number): Site => {
  const r = createRandom(seed)
  const drafts: Draft[] = []
  const count = (most: number): number => r.below(most + 1)
  for (let i = count(3); i >= 0; i--) drafts.push(functionDraft(r, i, () => drafts))
  for (let i = count(2); i > 0; i--) drafts.push(componentDraft(r, i))
  for (let i = count(2); i > 0; i--) drafts.push(valueDraft(r, i))
  const macros: Draft[] = []
  for (let i = count(2); i > 0; i--) macros.push(macroDraft(r, i))
  const signatures: Signature[] = [...drafts, ...macros]
  const files: Record<string, string> = {}
  if (r.chance(30)) {
    const library = libraryText(createGrammar(r, tables, [], [], 40))
    files['lib.sx'] = library.text
    signatures.push(...library.signatures)
  }
  const texts = [...drafts, ...macros].map(draft => {
    // A value must not need itself, and a macro's template not its own macro: they see what was made before them.
    const seen =
      draft.kind === 'value'
        ? signatures.filter(
            s => s.kind === 'function' && s.result !== 'markup' && s.positions[0] === 'number',
          )
        : signatures.filter(s => s.kind !== 'macro' || draft.kind !== 'macro')
    return draft.text(createGrammar(r, tables, seen, [], 8 + r.below(20)))
  })
  if (r.chance(30)) texts.push(silent(r, 1))
  files['main.sx'] = texts.join('\n')
  const pages = Array.from({ length: pagesOfSite }, (_, i) => {
    if (r.chance(0.6)) return limitProgram(r)
    const g = createGrammar(r, tables, signatures, given, 6 + r.below(i % 4 === 0 ? 60 : 24))
    return r.chance(45)
      ? g.of('markup')
      : r.chance(50)
        ? g.of('any')
        : g.of(r.pick(['number', 'string', 'list', 'dict', 'boolean', 'numbers'] as const))
  })
  return { seed, definitions: files, pages }
}
