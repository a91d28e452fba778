// Calls of primitives, by what they give and take. Every primitive of the language has a row: a test sees to it.
import { hostIo } from '../../src/lang/words.ts'
import { type Grammar, type Production, some, type Type, types, variable, written } from './grammar.ts'

/** `name result: arguments`; `?` may be left out, `*` any number; `!` changes something: not where code is pure. */
const table = `
+ number: number*
- number: number number*
* number: number number*
/ number: number number?
mod number: number number
floor number: number
ceil number: number
round number: number small?
pow number: number small
sqrt number: number
abs number: number
min number: number number*
max number: number number*
clamp number: number number number
inc number: number
dec number: number
len number: list
len number: string
len number: dict
string-length number: string
index-of number: list any small?
index-of number: string string
parse-int number: string number
parse-int number: number
get number: numbers small number
nth number: numbers small
first number: numbers
last number: numbers
dict-get number: dict key number
apply number: function1 numbers1
assert number: number string?
deref number: number
swap! number!: signal function
reset! number!: signal number
random-int number!: small small
str string: any*
slice string: string small small?
substring string: string small small?
upper string: string
lower string: string
upcase string: string
downcase string: string
trim string: string
trim-right string: string
char-from-code string: code
json-encode string: any
format-date string: date format?
parse-datetime string: date
format-decimal string: number small?
strip-tags string: string
type-of string: any
symbol-name string: symbol
keyword-name string: key
join string: string list
replace string: string string string
pluralize string: number string? string?
escape string: any
pretty-print string: any
reverse string: string
first string: strings
get string: strings small string
nth string: string small
error string: string any*
= boolean: any any*
= boolean: number number*
!= boolean: any any
< boolean: number number*
> boolean: number number*
<= boolean: number number*
>= boolean: number number*
not boolean: any
eq? boolean: any any
eqv? boolean: any any
equal? boolean: any any
nil? boolean: any
boolean? boolean: any
number? boolean: any
string? boolean: any
list? boolean: any
dict? boolean: any
continuation? boolean: any
empty? boolean: any
odd? boolean: number
even? boolean: number
zero? boolean: number
contains? boolean: list any
contains? boolean: string string
contains? boolean: dict key
has-key? boolean: dict key
starts-with? boolean: string string
ends-with? boolean: string string
string-contains? boolean: string string
list numbers: number*
range numbers: small small? step?
rest numbers: numbers
slice numbers: numbers small small?
cons numbers: number numbers
append numbers: numbers number*
concat numbers: numbers*
reverse numbers: numbers
sort numbers: numbers
sort numbers: numbers function1
sort numbers: numbers order
into numbers: numbers numbers
list strings: string*
split strings: string string?
keys strings: dict
sort strings: strings
reverse strings: strings
list list: any*
cons list: any list
append list: list any*
concat list: list*
rest list: list
slice list: list small small?
reverse list: list
flatten list: list
chunk-every list: list size
zip-pairs list: list
vals list: dict
into list: list dict
sort list: list
sx-parse list: source
append! list!: fresh any*
dict dict: pairs
merge dict: dict*
assoc dict: dict key any
dissoc dict: dict key*
into dict: dict entries
map-dict dict: function-of-two dict
dict-set! dict!: fresh-dict key any
get any: dict key any?
get any: list small any?
dict-get any: dict key any?
first any: list
last any: list
nth any: list small
deref any: any
error any: string any*
apply any: thunk empty
effect any!: thunk
batch any!: thunk
dispose any!: any
raw! markup: html
foreign any: any list string
signal signal!: number
computed signal!: numeric-thunk
use-store signal!: store store-thunk
`

const isEdge = (g: Grammar): boolean => g.r.chance(4)

/** Arguments that are narrower than a type. */
const special: Readonly<Record<string, (g: Grammar) => string>> = {
  small: g => String(g.r.below(g.r.chance(10) ? 40 : 6) - 1),
  size: g => String(g.r.below(4) + (isEdge(g) ? -1 : 1)),
  step: g => g.r.pick(['1', '2', '-1', '0.5', '3', isEdge(g) ? '0' : '1']),
  code: g => g.r.pick(['65', '97', '233', '8364', '127801', '10', isEdge(g) ? '55296' : '48']),
  key: g => g.r.pick([':a', ':b', '"c"', ':name', '"ключ"', ':id', "'a", '1', '"a b"', '""']),
  symbol: g => (isEdge(g) ? g.of('any') : g.r.pick(["'a", "'some-name", "'+", "'λ"])),
  date: g =>
    g.r.pick([
      '"2026-04-09"',
      '"2024-02-29T23:59:59.5Z"',
      '0',
      '"2026-04-09 18:05+01:00"',
      '1e12',
      'nil',
      '"soon"',
    ]),
  format: g => g.r.pick(['"%Y-%m-%d"', '"%A %-d %B %H:%M"', '"%j %p %I %e %y %%"', '"%T %F %q"']),
  html: g => g.r.pick(['"<b>x</b>"', '"&amp;"', '"<i>1</i><br>"', '"plain"', '"<u class=\\"k\\">é</u>"']),
  source: g =>
    g.r.pick(['"(+ 1 x) :k"', '"{:a 1/2} \\"s\\""', '"; only"', '"\'(a . b)"', isEdge(g) ? '"(p"' : '"1 2"']),
  pairs: g => Array.from({ length: g.r.below(4) }, () => `${special.key!(g)} ${g.of('any')}`).join(' '),
  entries: g =>
    `(list ${Array.from({ length: g.r.below(3) }, () => `(list ${special.key!(g)} ${g.of('any')})`).join(' ')})`,
  fresh: g => `(list ${some(g, 'any', 2)})`,
  'fresh-dict': g => `(dict ${special.pairs!(g)})`,
  function1: g => (g.r.chance(40) ? g.r.pick(['inc', 'dec', 'abs', '-', 'floor', 'str']) : g.of('function')),
  numbers1: g => `(list ${g.of('number')})`,
  order: g =>
    g.r.pick(['<', '>', '(fn (a b) (< a b))', '(fn (a b) (- b a))', '<=', '(fn (a b) (if (< a b) 1 false))']),
  'function-of-two': g =>
    `(fn (k v) ${g.within(
      [
        { name: 'k', type: 'string' },
        { name: 'v', type: 'any' },
      ],
      () => g.of('any'),
    )})`,
  'numeric-thunk': g => `(fn () ${g.of('number')})`,
  empty: g => g.r.pick(['nil', '(list)', '()']),
  store: g => g.r.pick(['"cart"', '"s"']),
  'store-thunk': g => `(fn () (signal ${g.of('number')}))`,
}

const isType = (name: string): name is Type => (types as readonly string[]).includes(name)

const argument = (g: Grammar, text: string): string => {
  const mark = /[?*]$/.exec(text)?.[0]
  const name = mark ? text.slice(0, -1) : text
  const one = (): string => (isType(name) ? g.of(name) : special[name]!(g))
  if (mark === '?') return g.r.chance(50) ? one() : ''
  return mark === '*' ? Array.from({ length: g.r.below(4) }, one).join(' ') : one()
}

interface Row {
  readonly name: string
  readonly result: Type
  readonly changes: boolean
  readonly takes: readonly string[]
}

const rows: readonly Row[] = table
  .trim()
  .split('\n')
  .map(line => {
    const [head, args] = line.split(': ') as [string, string]
    const [name, result] = head.split(' ') as [string, string]
    return {
      name,
      result: result.replace(/!$/, '') as Type,
      changes: result.endsWith('!'),
      takes: args.split(' ').filter(Boolean),
    }
  })

export const primitivesInRows: ReadonlySet<string> = new Set(rows.map(row => row.name))

const called = (g: Grammar, { name, takes }: Row): string => {
  let args = takes.map(text => argument(g, text)).filter(text => text !== '')
  // Too many, or too few.
  if (g.r.chance(0.5)) args = g.r.chance(50) ? args.slice(1) : [...args, g.of('any')]
  return `(${[name, ...args].join(' ')})`
}

const rare = new Set(['error', 'random-int', 'assert', 'foreign'])

/** A call of a primitive that gives this type. */
export const primitiveCall: Production = [
  10,
  (g, type) => {
    const fit = rows.filter(row => row.result === type && !(g.pure && row.changes))
    if (fit.length === 0) return g.of(type)
    const row = g.r.pick(fit)
    return rare.has(row.name) && !g.guarded && g.r.chance(70) ? g.of(type) : called(g, row)
  },
]

const hostWords = [...hostIo]

/** No program has a host: each of these words is an error, which a guard may mend. */
export const hostCall = (g: Grammar): string => {
  const word = g.r.pick(hostWords)
  return `(${word}${word === 'now' || g.r.chance(50) ? '' : ` ${g.of('string')}`})`
}

/** A number as it is written: small, at the edges of exactness, rational. */
export const numberLiteral = (g: Grammar): string =>
  g.r.weighted([
    [50, () => String(g.r.below(10))],
    [12, () => String(g.r.below(2000) - 1000)],
    [12, () => g.r.pick(['0.5', '-1.5', '0.1', '2.25', '3.14159', '1e-7', '-0.001', '123456.789'])],
    [10, () => g.r.pick(['1/2', '-1/3', '2/3', '7/2', '22/7', '1/1000'])],
    [3, () => g.r.pick(['9007199254740991', '-9007199254740991', '9007199254740990', '4503599627370496'])],
    [1, () => g.r.pick(['1/9007199254740991', '9007199254740991/2', '5e-324', '4503599627370495.5'])],
  ] as const)[1]()

export const stringLiteral = (g: Grammar): string =>
  g.r.pick([
    '""',
    '"a"',
    '"b"',
    '"c"',
    '"hello"',
    '"a b"',
    '" x "',
    '"12"',
    '"-7"',
    '"é"',
    '"ß"',
    '"🌹"',
    '"a,b,,c"',
    '"<b> & \\"q\\""',
    '"line\\nbreak"',
    '"\\n"',
    '"tab\\there"',
    '"日本語"',
    '"</p>"',
    '"it\'s"',
    '"e\\u0301"',
    '"%"',
    '"AbC"',
    ':k',
    ':long-keyword',
  ])

export const variableOr =
  (other: (g: Grammar) => string) =>
  (g: Grammar, type: Type): string => {
    const found = g.r.chance(75) ? variable(g, type) : undefined
    return found ? written(found) : other(g)
  }
