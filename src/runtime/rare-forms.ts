// Forms that a page can do without: case, threading, loops that call themselves, let in other shapes, set!.
import { caseDatum, caseIsClauses, doIsLoop, isElse } from '../lang/shape.ts'
import { isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import { levelOf } from './code.ts'
import { condOf } from './cond.ts'
import type { Extension, Form } from './form.ts'
import { begin, letForm, pairsOf, rewrite, set } from './forms.ts'
import { bind } from './machine.ts'
import { equal } from './values.ts'
import { watched } from './watched.ts'

const letrec = ([bindings, ...body]: List): Value =>
  begin([...pairsOf(bindings).map(pair => [sym('define'), ...pair]), ...body])

/** let with a name is a loop. Its calls are calls: rendering doesn't look into them. */
const namedLet: Form = (operands, scope, c, asMarkup) => {
  const [name, bindings, ...body] = operands
  if (!(name instanceof Sym)) return letForm(operands, scope, c, asMarkup)
  const pairs = pairsOf(bindings)
  const loop = [sym('fn'), pairs.map(pair => pair[0]!), ...body]
  const made = [sym('letrec'), [[name, loop]], name]
  return c.compile([made, ...pairs.map(pair => pair[1] ?? null)], scope, asMarkup)
}

const caseForm: Form = ([of, ...rest], scope, c, asMarkup) => {
  const clauses: List[] = caseIsClauses(rest)
    ? (rest as List[]).map(([data, ...body]) => [data!, begin(body)])
    : rest.flatMap((datum, i): List[] =>
        // An odd operand at the end is what else would be.
        i % 2
          ? []
          : i + 1 === rest.length
            ? [[sym('else'), datum]]
            : [[isElse(datum) ? datum : [datum], rest[i + 1]!]],
      )
  const data = clauses.map(([head]) => (isElse(head) ? undefined : (head as List).map(caseDatum)))
  const bodies = [...clauses.map(([, body]) => body!), null].map(body => c.compile(body, scope, asMarkup))
  return (asMarkup ? watched : bind)(
    c.value(of ?? null, scope),
    (v, env, m, d) =>
      bodies.at(data.findIndex(list => !list || list.some(datum => equal(datum, v))))!(env, m, d),
    levelOf(bodies),
  )
}

/** `(-> x (f a))` is `(f x a)`, `(->> x (f a))` is `(f a x)`. */
const thread = (first: boolean): Form =>
  rewrite(([x, ...steps]) =>
    steps.reduce<Value>((x, step) => {
      if (!isList(step)) return [step, x]
      return first ? [step[0]!, x, ...step.slice(1)] : [...step, x]
    }, x!),
  )

/** `(do ((x init step)…) (test result…) body…)` as a named let. */
const doLoop = ([variables, end, ...body]: List): Value => {
  const loop = new Sym(' loop')
  const items = variables as List[]
  const [test, ...results] = end as List
  return [
    sym('let'),
    loop,
    items.map(([name, init]) => [name!, init!]),
    [
      sym('if'),
      test!,
      [sym('begin'), ...results],
      [sym('begin'), ...body, [loop, ...items.map(([name, , step]) => step ?? name!)]],
    ],
  ]
}

/** `(as-> x n (f n) (g n))` binds n anew at each step. */
const asThreaded = ([first, name, ...steps]: List): Value =>
  steps.reduce<Value>((x, step) => [sym('let'), [[name!, x]], step], first!)

export const rareForms: Extension = {
  forms: [['set!', ([name, form], scope, c) => set(name, c.value(form ?? null, scope), scope, c)]],
  both: [
    ['cond', rewrite(operands => condOf(operands, null))],
    ['let', namedLet],
    [
      'let*',
      rewrite(([bindings, ...body]) =>
        pairsOf(bindings).reduceRight<Value>((inner, pair) => [sym('let'), [pair], inner], begin(body)),
      ),
    ],
    ['letrec', rewrite(letrec)],
    ['case', caseForm],
    ['->', thread(true)],
    ['->>', thread(false)],
    ['as->', rewrite(asThreaded)],
    ['do', rewrite(operands => (doIsLoop(operands) ? doLoop(operands) : begin(operands)))],
  ],
}
