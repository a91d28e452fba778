// The table of special forms: one row each, for expansion, for its error messages and for docs/format.md.
import type { CoreForm, DefinitionForm } from './words.ts'

/** How a form's operands are read. Each has one function in walk.ts (`rewrite`: rewrite.ts); `expressions` evaluates all. */
export type Reading =
  | 'expressions'
  | 'quote'
  | 'quasiquote'
  | 'cond'
  | 'case'
  | 'match'
  | 'let'
  | 'let*'
  | 'letrec'
  | 'do'
  | 'fn'
  | 'define'
  | 'set!'
  | 'rewrite'
  | 'scope'
  | 'provide'
  | 'named'
  | 'shift'
  | 'reset'
  | 'guard'
  | 'definition'

export interface FormRow {
  /** how it is written, for error messages: `?` optional, `…` any number */
  readonly usage: string
  /** number of operands */
  readonly min: number
  readonly max: number
  readonly reading: Reading
}

const row = (usage: string, min: number, max: number, reading: Reading = 'expressions'): FormRow => ({
  usage,
  min,
  max,
  reading,
})
const many = Number.POSITIVE_INFINITY
const definition = (usage: string) => row(usage, 0, many, 'definition')

export const syntax = {
  quote: row('(quote datum)', 1, 1, 'quote'),
  quasiquote: row('(quasiquote template)', 1, 1, 'quasiquote'),
  if: row('(if test then else?)', 2, 3),
  when: row('(when test expr…)', 1, many),
  cond: row('(cond test expr … :else expr) or (cond (test expr…) … (else expr…))', 0, many, 'cond'),
  case: row(
    '(case expr datum expr … :else expr) or (case expr ((datum…) expr…) … (else expr…))',
    1,
    many,
    'case',
  ),
  match: row('(match expr (pattern body…) …)', 1, many, 'match'),
  and: row('(and expr…)', 0, many),
  or: row('(or expr…)', 0, many),
  let: row(
    '(let ((name expr) …) body…), (let (name expr …) body…) or (let name bindings body…)',
    1,
    many,
    'let',
  ),
  'let*': row('(let* ((name expr) …) body…)', 1, many, 'let*'),
  letrec: row('(letrec ((name expr) …) body…)', 1, many, 'letrec'),
  do: row('(do expr…) or (do ((name init step?) …) (test expr…) expr…)', 0, many, 'do'),
  begin: row('(begin expr…)', 0, many),
  fn: row('(fn (param… &key param… &rest name) body…)', 1, many, 'fn'),
  lambda: row('(lambda (param… &key param… &rest name) body…)', 1, many, 'fn'),
  define: row('(define name expr) or (define (name param…) body…)', 2, many, 'define'),
  'set!': row('(set! name expr)', 2, 2, 'set!'),
  '->': row('(-> expr step…)', 1, many, 'rewrite'),
  '->>': row('(->> expr step…)', 1, many, 'rewrite'),
  'as->': row('(as-> expr name step…)', 2, many, 'rewrite'),
  'dynamic-wind': row('(dynamic-wind before thunk after)', 3, 3),
  map: row('(map f list…)', 2, many),
  'map-indexed': row('(map-indexed f list)', 2, 2),
  filter: row('(filter f list)', 2, 2),
  reduce: row('(reduce f initial list)', 3, 3),
  some: row('(some f list)', 2, 2),
  'every?': row('(every? f list)', 2, 2),
  'for-each': row('(for-each f list…)', 2, many),
  scope: row('(scope name :value expr? body…)', 1, many, 'scope'),
  provide: row('(provide name expr body…)', 2, many, 'provide'),
  context: row('(context name default?)', 1, 2, 'named'),
  'emit!': row('(emit! name expr)', 2, 2, 'named'),
  emitted: row('(emitted name)', 1, 1, 'named'),
  shift: row('(shift name body…)', 1, many, 'shift'),
  reset: row('(reset body…)', 0, many, 'reset'),
  'call/cc': row('(call/cc f)', 1, 1),
  raise: row('(raise expr)', 1, 1),
  'raise-continuable': row('(raise-continuable expr)', 1, 1),
  guard: row('(guard (name clause…) body…)', 1, many, 'guard'),
  defcomp: definition('(defcomp ~name (param…) body…)'),
  defisland: definition('(defisland ~name (param…) body…)'),
  defmacro: definition('(defmacro name (param…) body…)'),
  defstyle: definition('(defstyle name expr)'),
  deftype: definition('(deftype name type)'),
  defeffect: definition('(defeffect name)'),
  defpage: definition('(defpage name :path path :content expr …)'),
  defhandler: definition('(defhandler name (param…) body…)'),
  defquery: definition('(defquery name (param…) body…)'),
  defaction: definition('(defaction name (param…) body…)'),
  'define-library': definition('(define-library (name…) …)'),
  import: definition('(import (name…) …)'),
} as const satisfies Record<CoreForm | DefinitionForm, FormRow>

/** The row of a special form, by name. */
export const rowOf = (name: string): FormRow | undefined =>
  Object.hasOwn(syntax, name) ? (syntax as Readonly<Record<string, FormRow>>)[name] : undefined
