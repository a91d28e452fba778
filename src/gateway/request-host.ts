// Host words of one request: what they read of it, what they put into its answer, and what may not be asked for.
import { SxError } from '../errors.ts'
import type { Host, HostIo } from '../runtime/host-io.ts'
import { toJson } from '../runtime/json.ts'
import type { RuntimeValue } from '../runtime/values.ts'
import { type Header, tokenCookie } from './csrf.ts'

/** What a request says, taken apart already. */
export interface Asked {
  readonly kind: 'query' | 'action' | 'handler'
  readonly method: string
  readonly path: string
  readonly search: URLSearchParams
  readonly form: URLSearchParams | undefined
  readonly json: RuntimeValue | undefined
  readonly header: Header
  readonly secure: boolean
}

/** What the definition said about its answer. */
export interface Reply {
  status: number | undefined
  readonly headers: [string, string][]
  /** redirect or abort: nothing that comes after counts */
  stopped: { readonly status: number; readonly message?: string; readonly location?: string } | undefined
}

export interface HostPorts {
  readonly now: () => number
  /** the token of this browser, and a new one when it has none */
  readonly token: () => string
  readonly user: (header: Header) => RuntimeValue | Promise<RuntimeValue>
  /** another definition, with arguments by name */
  readonly run: (
    kind: 'query' | 'action',
    name: string,
    args: ReadonlyMap<string, RuntimeValue>,
  ) => Promise<RuntimeValue>
}

const SLEEP = 5000
const HEADERS = 32
/** What the gateway itself answers for, and what would split or reframe an answer. */
const kept =
  /^(?:connection|content-.*|date|keep-alive|proxy-.*|set-cookie.*|te|trailer|transfer-encoding|upgrade|access-control-.*|cache-control|location|x-content-type-options|sec-.*)$/i
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/
const visible = /^[\x20-\x7e]{0,2048}$/
/** Requests' secrets: a definition has no use for the browser's cookies. */
const hidden = new Set(['cookie', 'authorization', 'proxy-authorization'])

const fail = (word: string, message: string): never => {
  throw new SxError('eval-failed', message, { word })
}
const text = (word: string, v: RuntimeValue): string =>
  typeof v === 'string' ? v : fail(word, `${word} takes a string`)
const whole = (word: string, v: RuntimeValue, low: number, high: number): number =>
  Number.isInteger(v) && (v as number) >= low && (v as number) <= high
    ? (v as number)
    : fail(word, `${word} takes a whole number from ${low} to ${high}`)

/** `(query "posts" :tag "x")` or `(query "posts" {:tag "x"})`. */
export const namedArguments = (
  word: string,
  args: readonly RuntimeValue[],
): ReadonlyMap<string, RuntimeValue> => {
  if (args.length === 1 && args[0] instanceof Map) return args[0]
  const given = new Map<string, RuntimeValue>()
  if (args.length % 2 !== 0) fail(word, `${word} takes a name, then keywords with values or one dict`)
  for (let i = 0; i < args.length; i += 2) given.set(text(word, args[i]), args[i + 1])
  return given
}

const dictOf = (search: URLSearchParams | undefined): RuntimeValue =>
  search === undefined ? null : new Map([...search.keys()].map(key => [key, search.get(key)]))

export const createHost = (asked: Asked, reply: Reply, ports: HostPorts, signal: AbortSignal): Host => {
  const stop = (word: string, stopped: NonNullable<Reply['stopped']>): never => {
    reply.stopped ??= stopped
    return fail(word, `${word} ends the evaluation`)
  }
  const reading: HostIo = {
    now: () => ports.now(),
    'current-user': () => ports.user(asked.header),
    'request-arg': ([name, other]) => asked.search.get(text('request-arg', name)) ?? other ?? null,
    'request-path': () => asked.path,
    'request-method': () => asked.method,
    'request-header': ([name]) => {
      const key = text('request-header', name).toLowerCase()
      return hidden.has(key) ? null : (asked.header(key) ?? null)
    },
    query: ([name, ...args]) => ports.run('query', text('query', name), namedArguments('query', args)),
    abort: ([status, message]) =>
      stop('abort', {
        status: whole('abort', status, 400, 499),
        ...(typeof message === 'string' && { message: message.slice(0, 500) }),
      }),
  }
  const writing: HostIo = {
    action: ([name, ...args]) => ports.run('action', text('action', name), namedArguments('action', args)),
    'request-form': ([name, other]) =>
      name === undefined
        ? dictOf(asked.form)
        : (asked.form?.get(text('request-form', name)) ?? other ?? null),
    'request-json': () => asked.json ?? null,
    'csrf-token': () => {
      const value = ports.token()
      if (!reply.headers.some(([, cookie]) => cookie.startsWith('sx-csrf=')))
        reply.headers.push(['Set-Cookie', tokenCookie(value, asked.secure)])
      return value
    },
    'set-response-status': ([status]) => {
      reply.status = whole('set-response-status', status, 200, 499)
      return null
    },
    'set-response-header': ([name, value]) => {
      const key = text('set-response-header', name)
      const content = text('set-response-header', value)
      if (!token.test(key) || kept.test(key) || !visible.test(content))
        fail('set-response-header', 'that header can’t be set')
      if (reply.headers.length >= HEADERS) fail('set-response-header', `more than ${HEADERS} headers`)
      reply.headers.push([key, content])
      return null
    },
    'set-cookie': ([name, value, options]) => {
      const key = text('set-cookie', name)
      if (!token.test(key) || key.startsWith('__') || key === 'sx-csrf')
        fail('set-cookie', 'that cookie can’t be set')
      if (reply.headers.length >= HEADERS) fail('set-cookie', `more than ${HEADERS} headers`)
      const age = options instanceof Map ? options.get('max-age') : undefined
      const content = encodeURIComponent(text('set-cookie', value)).slice(0, 4000)
      reply.headers.push([
        'Set-Cookie',
        `${key}=${content}; Path=/; HttpOnly; SameSite=Lax${asked.secure ? '; Secure' : ''}${
          age === undefined || age === null ? '' : `; Max-Age=${whole('set-cookie', age, 0, 34_560_000)}`
        }`,
      ])
      return null
    },
    redirect: ([to]) => {
      const location = text('redirect', to)
      // Only on this host: `//x` and `/\x` are other hosts to a browser.
      if (!/^\/(?![/\\])[\x21-\x7e]{0,2000}$/.test(location))
        fail('redirect', 'redirect takes a path of this site')
      return stop('redirect', { status: 303, location })
    },
    sleep: ([ms]) =>
      new Promise(resolve => {
        const timer = setTimeout(() => resolve(null), whole('sleep', ms, 0, SLEEP))
        signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
      }),
  }
  return { io: asked.kind === 'query' ? reading : { ...reading, ...writing }, signal }
}

/** JSON of a result; undefined when it is no data. */
export const jsonOf = (value: RuntimeValue): string | undefined => toJson(value ?? null)
