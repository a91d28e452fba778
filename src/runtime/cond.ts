// cond and the clauses of guard, with `=>`.
import { isElse, isWord } from '../lang/shape.ts'
import { type List, sym, type Value } from '../lang/values.ts'
import { begin, clausesOf } from './forms.ts'

/** A name that nobody can write. */
const it = sym(' it')

export const condOf = (operands: List, otherwise: Value): Value => {
  return clausesOf(operands).reduceRight<Value>((rest, [test, ...body]) => {
    if (isElse(test)) return begin(body)
    if (isWord(body[0], '=>'))
      return [sym('let'), [[it, test!]], [sym('if'), it, [body[1] ?? null, it], rest]]
    return body.length === 0 ? [sym('or'), test!, rest] : [sym('if'), test!, begin(body), rest]
  }, otherwise)
}
