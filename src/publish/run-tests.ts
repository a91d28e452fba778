// `*.test.sx` files run: each test is a function over the site's definitions that is handed the assertion words, so that
// the language itself has no such words.
import { join } from 'node:path'
import { type Place, SxError } from '../errors.ts'
import { madeSource, pickForms } from '../lang/derived-source.ts'
import { print } from '../lang/printer.ts'
import { read, type Source } from '../lang/reader.ts'
import { isDict, isList, type List, Sym, sym, type Value } from '../lang/values.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { equal, Markup, Prim, Raw, truthy } from '../runtime/values.ts'
import { failed } from './failed.ts'
import { createMemorySite, type MemoryPorts, readSources, type SiteFolders } from './memory-site.ts'
import { valueText } from './session.ts'
import { isTest, listFiles, readFile, sourceText } from './sources.ts'

export interface Failure {
  readonly message: string
  readonly place?: Place
  /** the assertion as written */
  readonly form?: string
  readonly expected?: string
  readonly actual?: string
  readonly hint?: string
}

export interface TestResult {
  /** relative to the site's folder */
  readonly file: string
  readonly suite: readonly string[]
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly failures: readonly Failure[]
}

export interface TestReport {
  readonly passed: number
  readonly failed: number
  readonly files: number
  readonly tests: readonly TestResult[]
}

export interface TestOptions {
  /** a part of `suite › name` */
  readonly filter?: string
  /** arguments are compared with declared types */
  readonly strict?: boolean
  readonly onResult?: (result: TestResult) => void
  readonly signal?: AbortSignal
}

interface Test {
  readonly suite: readonly string[]
  readonly name: string
  readonly form: List
}

const assertions = ['assert', 'assert=', 'assert-throws', 'assert-html'] as const
const isAssertion = (name: string): boolean => (assertions as readonly string[]).includes(name)
/** What an assertion is called through, so that it knows where it stands. */
const marker = '_assertion-at'
const unitName = '_test'
const unitPath = '_test.sx'

const headOf = (form: Value): string | undefined =>
  isList(form) && form[0] instanceof Sym ? form[0].name : undefined

const fail = (message: string, place: Place | undefined, hint: string): never => {
  throw new SxError('syntax-form', message, { ...(place && { place }), hint })
}

/** The tests of a form, in order. Throws 'syntax-form'. */
const testsIn = (source: Source, form: List, suite: readonly string[]): readonly Test[] => {
  const [, given, ...rest] = form
  const name = given instanceof Sym ? given.name : given
  if (typeof name !== 'string')
    return fail('a test needs a name', source.placeOf(form), '(deftest "adds up" (assert= (+ 1 2) 3))')
  if (headOf(form) === 'deftest') return [{ suite, name, form }]
  return rest.flatMap((inner, i) => {
    const head = headOf(inner)
    return head === 'deftest' || head === 'defsuite'
      ? testsIn(source, inner as List, [...suite, name])
      : fail(
          'a suite holds deftest and defsuite only',
          source.placeOf(form, i + 2),
          'definitions go to the top of the file',
        )
  })
}

/** Calls of assertions marked with their number; `origin`: what was written for what is made. */
const marked = (form: Value, found: List[], origin: Map<Value, Value>): Value => {
  if (isDict(form)) {
    const made = new Map([...form].map(([key, item]) => [key, marked(item, found, origin)]))
    origin.set(made, form)
    return made
  }
  if (!isList(form)) return form
  const head = headOf(form)
  if (head === 'quote' || head === 'quasiquote') return form
  let items = form.map(item => marked(item, found, origin))
  if (head !== undefined && isAssertion(head)) {
    const [word, ...args] = items
    // What may throw is handed over unevaluated.
    if (head === 'assert-throws' && args.length > 0) args[0] = [sym('fn'), [], args[0]!]
    items = [[sym(marker), found.push(form) - 1, word!], ...args]
    origin.set(items[0]!, form)
  }
  origin.set(items, form)
  return items
}

/** The words, as values; what fails goes to `tell`. */
const wordsFor = (runtime: Runtime, tell: (at: number, failure: Failure) => void) => {
  const html = (value: unknown): string => runtime.renderHtmlSync(sym('it'), new Map([['it', value]])).html
  const stop = (at: number, failure: Failure): never => {
    tell(at, failure)
    throw new SxError('eval-failed', failure.message)
  }
  const checks: Record<(typeof assertions)[number], (at: number, ...args: unknown[]) => unknown> = {
    assert: (at, value, message = 'the assertion does not hold') =>
      truthy(value)
        ? value
        : stop(at, {
            message: typeof message === 'string' ? message : valueText(message),
            actual: valueText(value),
          }),
    'assert=': (at, actual, expected) =>
      equal(actual, expected)
        ? true
        : stop(at, {
            message: 'these are not equal',
            expected: valueText(expected),
            actual: valueText(actual),
          }),
    'assert-throws': (at, thunk, part = '') => {
      let value: unknown
      try {
        value = runtime.evaluateSync([sym('it')], new Map([['it', thunk]]))
        if (value instanceof Markup) value = html(value)
      } catch (error) {
        if (!(error instanceof SxError)) throw error
        if (typeof part !== 'string' || error.message.includes(part)) return error.message
        return stop(at, { message: 'it throws something else', expected: part, actual: error.message })
      }
      return stop(at, { message: 'it throws nothing', actual: valueText(value) })
    },
    'assert-html': (at, markup, expected) => {
      const actual = html(markup)
      const wanted = expected instanceof Markup || expected instanceof Raw ? html(expected) : expected
      return actual === wanted
        ? true
        : stop(at, { message: 'the HTML is another one', expected: String(wanted), actual })
    },
  }
  const needs = { assert: 1, 'assert=': 2, 'assert-throws': 1, 'assert-html': 2 } as const
  const make = (name: (typeof assertions)[number], at: number): Prim =>
    new Prim(name, ((...args: unknown[]) => checks[name](at, ...args)) as never, needs[name], 2)
  const plain = new Map<unknown, (typeof assertions)[number]>()
  const scope = new Map<string, unknown>()
  for (const name of assertions) {
    const prim = make(name, -1)
    plain.set(prim, name)
    scope.set(name, prim)
  }
  // A name that a test bound anew is no assertion.
  const at = (index: number, word: unknown): unknown => {
    const name = plain.get(word)
    return name === undefined ? word : make(name, index)
  }
  scope.set(marker, new Prim(marker, at as never, 2, 2))
  return scope
}

const failureOf = (error: SxError, place: Place | undefined): Failure => {
  const at = error.detail.place ?? place
  return {
    message: error.message,
    ...(at && { place: at }),
    ...(error.detail.hint !== undefined && { hint: error.detail.hint }),
  }
}

/**
 * Runs every test below the site's folder, each over definitions that were evaluated for it alone. Throws 'build-failed'
 * when the site's own sources hold errors; all else is a failure in the report.
 */
export const runTests = (site: SiteFolders, ports: MemoryPorts, options: TestOptions = {}): TestReport => {
  const { graph, runtime, take } = createMemorySite(ports, {
    ...options,
    ...(site.others && { others: site.others }),
  })
  const { errors } = take(readSources(site))
  if (errors.length > 0) throw failed(errors)
  const paths = listFiles(site.folder, isTest)
  const tests: TestResult[] = []
  const tell = (result: TestResult): void => {
    tests.push(result)
    options.onResult?.(result)
  }

  const runTest = (source: Source, { form, suite, name }: Test): void => {
    const started = ports.now()
    const failures: Failure[] = []
    const found: List[] = []
    const origin = new Map<Value, Value>()
    const place = source.placeOf(form)
    const scope = wordsFor(runtime, (at, failure) => {
      const written = found[at]
      const where = written && source.placeOf(written)
      failures.push({
        ...failure,
        ...((where ?? place) && { place: where ?? place! }),
        ...(written && { form: print(written) }),
      })
    })
    const params = [...scope.keys()].map(word => sym(word))
    const body = form.slice(2).map(one => marked(one, found, origin))
    const made = [sym('define'), sym(unitName), [sym('fn'), params, ...(body.length > 0 ? body : [null])]]
    runtime.forget()
    const update = graph.update({
      set: [{ path: unitPath, source: madeSource(source, made, place, one => origin.get(one)) }],
    })
    if (update.errors.length > 0) failures.push(...update.errors.map(error => failureOf(error, place)))
    else {
      try {
        const draft = graph.find(unitName)?.expansion?.draft
        if (draft?.kind !== 'value') throw new SxError('internal', 'a test was not expanded')
        runtime.evaluateSync([draft.body, ...params], scope)
      } catch (error) {
        if (!(error instanceof SxError)) throw error
        // A failed assertion was told of already.
        if (failures.length === 0) failures.push(failureOf(error, place))
      } finally {
        graph.update({ remove: [unitPath] })
      }
    }
    tell({ file: source.file, suite, name, ok: failures.length === 0, ms: ports.now() - started, failures })
  }

  for (const path of paths) {
    if (options.signal?.aborted) break
    const broken = (errors: readonly SxError[]): void =>
      tell({
        file: path,
        suite: [],
        name: path,
        ok: false,
        ms: 0,
        failures: errors.map(one => failureOf(one, undefined)),
      })
    try {
      const source = read(sourceText(path, readFile(site.folder, path).bytes), path)
      const isTestForm = (form: Value): boolean => headOf(form) === 'deftest' || headOf(form) === 'defsuite'
      const wanted = source.forms
        .flatMap(form => (isTestForm(form) ? testsIn(source, form as List, []) : []))
        .filter(({ suite, name }) => [...suite, name].join(' › ').includes(options.filter ?? ''))
      if (wanted.length === 0) continue
      const helpers = [...source.forms.keys()].filter(index => !isTestForm(source.forms[index]!))
      const unit = { path: join('_tests', path), source: pickForms(source, helpers) }
      const update = graph.update({ set: [unit] })
      if (update.errors.length > 0) {
        broken(update.errors)
        continue
      }
      for (const test of wanted) {
        if (options.signal?.aborted) break
        runTest(source, test)
      }
      graph.update({ remove: [unit.path] })
    } catch (error) {
      if (!(error instanceof SxError)) throw error
      broken([error])
    }
  }
  const passed = tests.filter(one => one.ok).length
  return { passed, failed: tests.length - passed, files: paths.length, tests }
}
