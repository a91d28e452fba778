// One macro call: is it one, the macro's run, its result made a form of this text. Its failures say where and why.
import { SxError } from '../errors.ts'
import { excerpt } from './excerpt.ts'
import type { Active } from './expansion.ts'
import type { Adopter, Callable } from './macro.ts'
import type { ExpandPorts, Home, MacroDefinition, Warning } from './meaning.ts'
import type { Resolver } from './resolve.ts'
import type { Scope } from './scope.ts'
import type { Trace } from './trace.ts'
import { isList, type List, type Ref, Sym, type Value } from './values.ts'
import { isReserved } from './words.ts'

/** What one run of the expander gathers. */
export interface Findings {
  readonly looked: Set<string>
  readonly macros: Set<string>
  readonly ran: Map<string, Ref>
  readonly hostIo: Set<string>
  readonly warnings: Warning[]
}

export interface MacroCall {
  readonly head: Sym
  readonly macro: MacroDefinition
  readonly call: List
}

export interface MacroCalls {
  /** A list whose head is a symbol that no binder encloses and that means a macro. */
  find(form: Value, scope: Scope): MacroCall | undefined
  expand(call: MacroCall): Active
}

export const createMacroCalls = ({
  home,
  ports,
  trace,
  adopter,
  resolver,
  readable,
  findings,
  prepare,
}: {
  readonly home: Home
  readonly ports: ExpandPorts
  readonly trace: Trace
  readonly adopter: Adopter
  readonly resolver: Resolver
  readonly readable: (symbol: Sym) => boolean
  readonly findings: Findings
  readonly prepare: (macro: MacroDefinition) => Callable
}): MacroCalls => {
  const find: MacroCalls['find'] = (form, scope) => {
    if (!isList(form)) return undefined
    const head = form[0]
    if (!(head instanceof Sym) || isReserved(head.name) || !readable(head)) return undefined
    if (scope.find(head) !== undefined) return undefined
    const meaning = resolver.resolve(head, form, 0)
    return meaning?.kind === 'macro' ? { head, macro: meaning.macro, call: form } : undefined
  }

  const runMacro = (macro: MacroDefinition, callable: Callable, call: List): Value => {
    try {
      return ports.callMacro(callable.code, call.slice(1))
    } catch (error) {
      const { code, message, detail } =
        error instanceof SxError
          ? error
          : new SxError('macro-failed', error instanceof Error ? error.message : String(error))
      const failed = code === 'eval-limit' || code === 'macro-limit' ? 'macro-limit' : 'macro-failed'
      const failure = trace.fail(failed, `the macro \`${macro.name}\` failed: ${message}`, call, undefined, {
        call: excerpt(call),
        ...(detail.place && { related: [{ note: 'it failed here', place: detail.place }] }),
        ...(detail.hint !== undefined && { hint: detail.hint }),
        reason: code,
      })
      throw new SxError(failure.code, failure.message, failure.detail, error)
    }
  }

  const expand: MacroCalls['expand'] = ({ head, macro, call }) => {
    const callable = prepare(macro)
    if (!adopter.spend(head.mark))
      throw trace.endless('this expansion needs itself without end', macro.name, call)
    findings.macros.add(macro.name)
    for (const name of callable.macros) findings.macros.add(name)
    if (macro.home === home) for (const name of callable.looked) findings.looked.add(name)
    for (const [key, ref] of callable.ran) findings.ran.set(key, ref)
    const result = adopter.adopt(
      runMacro(macro, callable, call),
      callable,
      head.mark,
      call,
      gave =>
        trace.fail('macro-failed', `the macro \`${macro.name}\` gave ${gave}`, call, undefined, {
          call: excerpt(call),
        }),
      () => trace.endless('an expansion is too large', macro.name, call),
    )
    return { name: macro.name, call, result, outer: trace.active() }
  }

  return { find, expand }
}
