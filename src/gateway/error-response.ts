// From any thrown thing to an answer: problem+json (RFC 9457) for programs, a page for people.
import { type ErrorCode, errorCodes, SxError } from '../errors.ts'
import { type Answer, answer } from './answer.ts'
import { escapeHtml, type Shell } from './html.ts'
import { wantsHtml } from './negotiate.ts'

/** What is none of our errors is a defect: its text may hold anything, so it goes to the log and not to the client. */
export const toSxError = (thrown: unknown): SxError =>
  thrown instanceof SxError ? thrown : new SxError('internal', 'something went wrong here', {}, thrown)

const titles: Readonly<Record<number, string>> = {
  400: 'That address makes no sense here',
  403: 'That is not allowed',
  404: 'Nothing is here',
  405: 'Only reading is possible here',
  406: 'It can’t be had in that form',
  410: 'This is not served here',
  412: 'That is not here yet',
  413: 'That is too much',
  415: 'That is of a type that nobody reads here',
  422: 'It could not be done',
  429: 'That is too often',
  451: 'This may not be served here',
  500: 'Something went wrong here',
  501: 'That can’t be done here',
  502: 'What was stored is not what was asked for',
  503: 'Not ready yet',
  504: 'Nobody answered in time',
}

/** Failures of what was asked for, not of this server: whoever asked may read them. */
const told: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-implemented',
  'name-not-found',
  'name-record-invalid',
  'redirects-invalid',
  'fetch-failed',
  'fetch-timeout',
])
/** Statuses after which it is worth coming back, and when, where the error does not say. */
const later: Readonly<Record<number, number>> = { 429: 60, 502: 10, 503: 5, 504: 10 }

export function errorResponse(
  thrown: unknown,
  accept: string | undefined,
  shell: Shell,
  extra: Readonly<Record<string, string>> = {},
  form: 'problem' | 'text' = 'problem',
): Answer {
  const error = toSxError(thrown)
  const [status] = errorCodes[error.code]
  // a client learns what it did wrong; what went wrong on this side is the operator's to read
  const own = status >= 500 && !told.has(error.code)
  const message = own ? (titles[status] ?? titles[500]!) : error.message
  const hint = own ? undefined : error.detail.hint
  const { retryAfter, allow } = error.detail
  const wait = typeof retryAfter === 'number' ? retryAfter : later[status]
  const common = {
    'Cache-Control': 'no-store',
    ...(wait === undefined ? {} : { 'Retry-After': String(wait) }),
    ...(typeof allow === 'string' ? { Allow: allow } : {}),
    'X-Content-Type-Options': 'nosniff',
    'Access-Control-Allow-Origin': '*',
    Vary: 'Accept',
    ...extra,
  }
  if (!wantsHtml(accept) && form === 'text' && !accept?.includes('json'))
    return answer(
      status,
      { 'Content-Type': 'text/plain; charset=utf-8', ...common },
      `${message}${hint === undefined ? '' : `\n${hint}`}\n`,
    )
  if (!wantsHtml(accept)) {
    const problem = {
      type: 'about:blank',
      title: message,
      status,
      code: error.code,
      ...(hint === undefined ? {} : { detail: hint }),
    }
    return answer(
      status,
      { 'Content-Type': 'application/problem+json', ...common },
      JSON.stringify(problem) + '\n',
    )
  }
  const body = `<p class="big" aria-hidden="true">${status}</p>
<h1>${escapeHtml(titles[status] ?? message)}</h1>
<p>${escapeHtml(sentence(message))}</p>${hint === undefined ? '' : `\n<p>${escapeHtml(sentence(hint))}</p>`}
<p><a href="/">To the front page</a></p>
<p class="soft"><code>${error.code}</code></p>`
  return answer(
    status,
    { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': shell.policy, ...common },
    shell.page(titles[status] ?? message, body),
  )
}

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : first + '.'
}
