// Quasiquote, which expansion leaves behind rarely; and the forms that stand at the top of a source file only.
import { SxError } from '../errors.ts'
import { isDict, isList, type List, Sym, type Value } from '../lang/values.ts'
import type { Code, Scope } from './code.ts'
import { type Compiler, quoted } from './compile.ts'
import type { Extension, FormRow } from './form.ts'
import { bindAll } from './machine.ts'
import { fail, made } from './values.ts'

const quasi = (form: Value, depth: number, scope: Scope, c: Compiler): Code | undefined => {
  if (isDict(form)) {
    const keys = [...form.keys()]
    const codes = keys.map(key => quasi(form.get(key)!, depth, scope, c))
    if (codes.every(x => x === undefined)) return undefined
    return bindAll(
      codes.map((x, i) => x ?? quoted(form.get(keys[i]!)!)),
      vs => new Map(vs.map((v, i) => [keys[i]!, v])),
      0,
    )
  }
  if (!isList(form)) return undefined
  const head = form[0] instanceof Sym ? form[0].name : ''
  if (head === 'unquote' && depth === 1) return c.value(form[1] ?? null, scope)
  const inner =
    head === 'quasiquote' ? depth + 1 : head === 'unquote' || head === 'splice-unquote' ? depth - 1 : depth
  const splices: boolean[] = []
  let changes = false
  const codes = form.map(item => {
    const splice = isList(item) && item[0] instanceof Sym && item[0].name === 'splice-unquote' && inner === 1
    splices.push(splice)
    const x = splice ? c.value((item as List)[1] ?? null, scope) : quasi(item, inner, scope, c)
    if (x) changes = true
    return x ?? quoted(item)
  })
  if (!changes) return undefined
  return bindAll(
    codes,
    vs =>
      vs.flatMap((v, i): unknown[] => {
        if (!splices[i]) return [v]
        if (v === null) return []
        return Array.isArray(v) ? made(v) : (fail('what ,@ splices is a list') as never)
      }),
    0,
  )
}

const topOnly =
  'defcomp defisland defmacro defstyle deftype defeffect defpage defhandler defquery defaction define-library import'

export const templates: Extension = {
  forms: [
    ['quasiquote', ([form], scope, c) => quasi(form ?? null, 1, scope, c) ?? quoted(form ?? null)],
    ...topOnly.split(' ').map(
      (name): FormRow => [
        name,
        () => {
          throw new SxError('eval-unsupported', `${name} stands at the top of a source file only`)
        },
      ],
    ),
  ],
}
