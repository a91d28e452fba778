// sx test: a line for each test that fails, with what was expected; one object for programs.
import { resolve } from 'node:path'
import type { Failure, TestResult } from '../../app-port.ts'
import { count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { INTERRUPTED } from '../exit.ts'
import { plainPlace } from '../findings.ts'
import type { Printer } from '../print.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  const filter = typeof options.filter === 'string' ? options.filter : undefined
  const report = await (await app()).test(resolve(io.cwd, args[0] ?? '.'), {
    ...(filter !== undefined && { filter }),
    strict: options.strict === true,
    onResult: result => show(result, print),
    signal: io.signal,
  })
  print.object({
    ...report,
    tests: report.tests.map(one => ({ ...one, failures: one.failures.map(plainFailure) })),
  })
  if (report.tests.length === 0) {
    print.note(
      filter !== undefined && report.files > 0
        ? `no test holds ${JSON.stringify(filter)}`
        : `there is no test: write (deftest "adds up" (assert= (+ 1 2) 3)) into sums.test.sx`,
    )
    return io.signal.aborted ? INTERRUPTED : 1
  }
  const failed = report.failed === 0 ? '' : `, ${print.style('red', `${report.failed} failed`)}`
  print.note(`${count(report.passed, 'test')} passed${failed} · ${Math.round(report.ms)} ms`)
  if (io.signal.aborted) return INTERRUPTED
  return report.failed === 0 ? 0 : 1
}

const titleOf = ({ suite, name }: TestResult): string => [...suite, name].join(' › ')

const show = (result: TestResult, print: Printer): void => {
  if (print.json) return
  const title = titleOf(result)
  print.text(
    result.ok
      ? `${print.style('green', '✓')} ${title}`
      : `${print.style('red', '✗')} ${print.style('bold', title)}`,
  )
  for (const failure of result.failures) print.text(failureText(failure, result.file))
}

const failureText = ({ message, place, form, expected, actual, hint }: Failure, file: string): string => {
  const row = (name: string, value: string | undefined): string =>
    value === undefined ? '' : `    ${name.padEnd(8)} ${value.replace(/\n/g, `\n${' '.repeat(13)}`)}\n`
  const where = place === undefined ? file : `${place.file}:${place.line}:${place.column}`
  return (
    `  ${where}: ${message}\n` +
    row('in', form) +
    row('expected', expected) +
    row('actual', actual) +
    row('hint', hint)
  )
}

const plainFailure = ({ place, ...rest }: Failure): Record<string, unknown> => ({
  ...rest,
  ...plainPlace(place),
})
