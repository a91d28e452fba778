// The words of the language, frozen per `sx` version (this is sx 1): a wrong or missing word changes CIDs for ever.
//
// What is a form and what is a primitive: a word is a *form* when some operand is not evaluated (a literal, a binder,
// a branch), when rendering has to see its operands unevaluated (`map filter …`), or when it is the machine's own
// control (`dynamic-wind call/cc raise`). A form's name can't be bound and is no value. Every other word is a
// *primitive*: an ordinary function, a value, and a name that an author may bind. `error` and `assert` take evaluated
// operands only, so they are primitives, as signals are (`(map deref xs)` works).

const list = (text: string): string[] => text.split(/\s+/).filter(word => word !== '')

/** Core special forms. One row each in syntax.ts. */
export const coreForms = [
  'quote',
  'quasiquote',
  'if',
  'when',
  'cond',
  'case',
  'match',
  'and',
  'or',
  'let',
  'let*',
  'letrec',
  'do',
  'begin',
  'fn',
  'lambda',
  'define',
  'set!',
  '->',
  '->>',
  'as->',
  'dynamic-wind',
  'map',
  'map-indexed',
  'filter',
  'reduce',
  'some',
  'every?',
  'for-each',
  'scope',
  'provide',
  'context',
  'emit!',
  'emitted',
  'shift',
  'reset',
  'call/cc',
  'raise',
  'raise-continuable',
  'guard',
] as const

/** Forms that stand at the top level of a source file (or of a library) only; `define` is both. */
export const definitionForms = [
  'defcomp',
  'defisland',
  'defmacro',
  'defstyle',
  'deftype',
  'defeffect',
  'defpage',
  'defhandler',
  'defquery',
  'defaction',
  'define-library',
  'import',
] as const

export type CoreForm = (typeof coreForms)[number]
export type DefinitionForm = (typeof definitionForms)[number]

/** Every special form and definition form. None of these names can be bound, at any level. */
export const forms: ReadonlySet<string> = /* @__PURE__ */ new Set<string>(
  /* @__PURE__ */ (coreForms as readonly string[]).concat(definitionForms),
)

/** Words that mean something inside a form only. They can't be bound either, and are no values. */
export const auxiliary: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ list('else => _ &key &rest as unquote splice-unquote export'),
)

/**
 * HTML and SVG elements that are written `(tag …)`, and the fragment `<>`. Elements whose name is a form or an
 * auxiliary word are not here: `map` (image map) and SVG's `filter` are the forms of that name; `raw!` writes such markup.
 */
export const tags: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ list(`
  html head title base link meta style script noscript template slot body
  header footer main nav section article aside search address hgroup h1 h2 h3 h4 h5 h6
  div p hr pre blockquote ol ul menu li dl dt dd figure figcaption
  a em strong small s cite q dfn abbr ruby rt rp data time code var samp kbd sub sup i b u mark bdi bdo span br wbr
  ins del picture source img iframe embed object video audio track area canvas math
  table caption colgroup col tbody thead tfoot tr td th
  form label input button select datalist optgroup option textarea output progress meter fieldset legend
  details summary dialog
  svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath
  linearGradient radialGradient stop pattern clipPath mask marker image foreignObject desc
  animate animateMotion animateTransform
  <>
`),
)

/** Pure functions: upstream's irreducible and library primitives, and those in use beside them. */
const functions = /* @__PURE__ */ list(`
  + - * / mod floor pow sqrt = < > type-of symbol-name keyword-name str slice index-of upper lower trim char-from-code
  list dict concat get len keys dict-set! append! json-encode format-date parse-int format-decimal
  strip-tags sx-parse error apply
  not != <= >= eq? eqv? equal? nil? boolean? number? string? list? dict? continuation? empty? odd? even? zero?
  contains? inc dec abs ceil round min max clamp first last rest nth cons append reverse flatten range
  chunk-every zip-pairs vals has-key? merge assoc dissoc into upcase downcase string-length substring
  string-contains? starts-with? ends-with? split join replace pluralize escape assert parse-datetime
  sort trim-right map-dict dict-get pretty-print
  raw! foreign
`)

/** Not pure: their result is not a function of their operands, or they hold state. Not to be had in a macro. */
const impure = /* @__PURE__ */ list(
  'random-int signal deref reset! swap! computed effect batch dispose use-store',
)

/** Every primitive: a function value that is always there, below lexical names, definitions and exports in look-up. */
export const primitives: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ functions.concat(impure),
)

/**
 * Host input and output: declared names that the host of a page or handler answers; what reaches one of them is impure.
 * Looked up like primitives. `lookup` and `eval` ask for the site's names, which are in no definition.
 */
export const hostIo: ReadonlySet<string> = /* @__PURE__ */ new Set(
  /* @__PURE__ */ list(`
  current-user now query action service config
  request-arg request-path request-method request-header request-form request-json csrf-token
  set-response-status set-response-header set-cookie redirect abort sleep
  lookup eval
`),
)

const pureForMacro: ReadonlySet<string> = /* @__PURE__ */ new Set(functions)

/** May a macro's code use this primitive? No `random-int`, no signals, no host IO: an expansion is a pure function. */
export const isPureForMacro = (name: string): boolean => pureForMacro.has(name)

/** Names that no binder, parameter or definition may take, at any level. */
export const isReserved = (name: string): boolean => forms.has(name) || auxiliary.has(name)
