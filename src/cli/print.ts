// The only printing: results on standard output, everything else on standard error, both as JSON when asked.
import type { Notice } from '../app-port.ts'
import { SxError } from '../errors.ts'
import type { Output } from './io.ts'

export interface Printer {
  readonly json: boolean
  /** text or object of the result; an object is printed as one line of JSON, and only when json */
  text(text: string): void
  object(value: unknown): void
  /** to the person at the terminal; silent when json */
  note(text: string): void
  warning(notice: Notice): void
  error(error: unknown): Promise<void>
  style(format: Style, text: string): string
}

// not imported: arguments.ts says why
const { styleText } = process.getBuiltinModule('node:util')

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'underline'

export function createPrinter(
  stdout: Output,
  stderr: Output,
  options: { json: boolean; color: boolean },
): Printer {
  const style = (format: Style, text: string): string =>
    options.color ? styleText(format, text, { validateStream: false }) : text

  const one = async (error: SxError): Promise<void> => {
    if (options.json) return void stderr.write(JSON.stringify(errorLine(error)) + '\n')
    const shown = await show(error)
    stderr.write(`${style('red', 'error')} ${shown}\n`)
  }

  return {
    json: options.json,
    style,
    text: text => void (options.json || stdout.write(text.endsWith('\n') ? text : text + '\n')),
    object: value => void (options.json && stdout.write(JSON.stringify(value) + '\n')),
    note: text => void (options.json || stderr.write(text + '\n')),
    warning: notice => {
      if (options.json)
        stderr.write(
          JSON.stringify({ warning: notice.message, ...flatPlace(notice.place), hint: notice.hint }) + '\n',
        )
      else stderr.write(`${style('yellow', 'warning')} ${notice.message}${where(notice)}\n`)
    },
    error: async error => {
      for (const each of flatten(error)) await one(each)
    },
  }
}

const where = (notice: Notice): string =>
  (notice.place === undefined ? '' : `\n  ${notice.place.file}:${notice.place.line}:${notice.place.column}`) +
  (notice.hint === undefined ? '' : `\n  ${notice.hint}`)

/** All the errors that one carries (a failed build's), else itself; what is none of ours becomes 'internal'. */
export function flatten(error: unknown): readonly SxError[] {
  if (!(error instanceof SxError)) return [ours(error)]
  const inner = error.detail.errors
  if (!Array.isArray(inner) || inner.length === 0) return [error]
  return inner.flatMap(each => flatten(each))
}

function ours(error: unknown): SxError {
  const message = error instanceof Error ? error.message : String(error)
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EADDRINUSE')
    return new SxError(code === 'ENOENT' ? 'not-found' : 'usage', message, {}, error)
  return new SxError(
    'internal',
    message,
    {
      hint: 'this is a defect of sx: please report it with the lines below',
      stack: error instanceof Error ? error.stack : undefined,
    },
    error,
  )
}

/** One line for programs: flat, so that `jq -r '"\(.file):\(.line) \(.message)"'` works. */
export const errorLine = (error: SxError): Record<string, unknown> => ({
  error: error.code,
  message: error.message,
  ...flatPlace(error.detail.place),
  hint: error.detail.hint,
  ...macroOf(error),
  ...(error.detail.related === undefined
    ? {}
    : { related: error.detail.related.map(({ note, place }) => ({ note, ...flatPlace(place) })) }),
})

const macroOf = ({ detail: { call, expansion } }: SxError): Record<string, unknown> => ({
  ...(typeof call === 'string' && { call }),
  ...(typeof expansion === 'string' && { expansion }),
})

const flatPlace = (place: Notice['place']): Record<string, unknown> =>
  place === undefined
    ? {}
    : { file: place.file, line: place.line, column: place.column, excerpt: place.excerpt }

async function show(error: SxError): Promise<string> {
  const { showError } = await import('../lang/place.ts')
  const stack =
    error.code === 'internal' && typeof error.detail.stack === 'string' ? `\n${error.detail.stack}` : ''
  return showError(error) + stack
}
