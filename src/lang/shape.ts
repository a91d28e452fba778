// Which of two spellings a form is written in: the one place that decides, for expansion and for the evaluator alike.
import { isList, Keyword, type List, Sym, type Value } from './values.ts'

/** The symbol of this name, whatever its mark. */
export const isWord = (value: unknown, name: string): boolean => value instanceof Sym && value.name === name

/** `else` and `:else`, the last test of cond, case, match and guard. */
export const isElse = (value: unknown): boolean =>
  isWord(value, 'else') || (value instanceof Keyword && value.name === 'else')

/** cond and guard: clauses `(test body…)` when every operand is a non-empty list; otherwise flat pairs `test expr …`. */
export const condIsClauses = (operands: List): boolean =>
  operands.every(operand => isList(operand) && operand.length > 0)

/** case: clauses `((datum…) body…)` when every operand is a list that begins with a list or `else`; otherwise flat pairs. */
export const caseIsClauses = (operands: List): boolean =>
  operands.every(
    operand => isList(operand) && operand.length > 0 && (isList(operand[0]) || isElse(operand[0])),
  )

/** let, let*, letrec: flat `(x 1 y 2)` when the first element is a symbol; otherwise pairs `((x 1) (y 2))`. */
export const bindingsAreFlat = (bindings: List): boolean => bindings[0] instanceof Sym

/** do: an R7RS loop `(do ((name init step?)…) (test result…) body…)`; otherwise a sequence. `begin` is never a loop. */
export const doIsLoop = (operands: List): boolean => {
  const [variables, end] = operands
  return (
    isList(variables) &&
    isList(end) &&
    end.length > 0 &&
    variables.every(
      item => isList(item) && (item.length === 2 || item.length === 3) && item[0] instanceof Sym,
    )
  )
}

/** The name in `(name :as type)` or `name`, one element of a parameter list; undefined when it is neither. */
export const parameterName = (parameter: Value): Sym | undefined => {
  if (parameter instanceof Sym) return parameter
  if (!isList(parameter) || parameter.length !== 3) return undefined
  const [name, as] = parameter
  return name instanceof Sym && as instanceof Keyword && as.name === 'as' ? name : undefined
}

/**
 * The keyword that a `&key` parameter answers to: its name without the `#k` of a name made by expansion. So a `&key`
 * parameter may be renamed inside without any caller noticing.
 */
export const keywordOf = (parameter: string): string => {
  const hash = parameter.lastIndexOf('#')
  return hash > 0 ? parameter.slice(0, hash) : parameter
}

/** The name of a dynamic scope: literal symbol, string or keyword, all three the same. */
export const scopeName = (name: Value): string | undefined =>
  typeof name === 'string' ? name : name instanceof Sym || name instanceof Keyword ? name.name : undefined

/** A datum of case as it is compared: `(quote d)` stands for d, a keyword for its string. */
export const caseDatum = (datum: Value): Value =>
  isList(datum) && datum.length === 2 && isWord(datum[0], 'quote')
    ? (datum[1] as Value)
    : datum instanceof Keyword
      ? datum.name
      : datum
