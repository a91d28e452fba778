// Queries, actions and handlers of the site, run for a request: its arguments checked, its effects bounded.
//
//   GET /sx/q/{name} · POST /sx/a/{name} · /sx/x/{name} with the methods among its declared effects (GET without)
import { type ErrorCode, SxError } from '../../errors.ts'
import type { ActionNode } from '../../ipld/kinds.ts'
import { print } from '../../lang/printer.ts'
import { keyword, Link, sym, type Value } from '../../lang/values.ts'
import type { Clock, Sha256, Store } from '../../ports.ts'
import { cross } from '../../runtime/boundary.ts'
import type { Limits } from '../../runtime/machine.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { RuntimeValue } from '../../runtime/values.ts'
import { type Answer, answer, headers } from '../answer.ts'
import { bindArguments, fromJson, jsonArguments, parametersOf, textArguments } from '../arguments.ts'
import { checkOrigin, checkToken, fieldName, type Header, tokenCookie, tokenOf } from '../csrf.ts'
import { createEvaluations, type Evaluations, isAction } from '../evaluation.ts'
import type { FileReader } from '../gateway-port.ts'
import { preferred } from '../negotiate.ts'
import { type Asked, createHost, jsonOf, type Reply } from '../request-host.ts'
import type { Site } from '../sites.ts'

/** Bytes of a body. */
export const BODY = 256 * 1024
/** An evaluation on a server that others wait for. */
export const evaluationLimits: Partial<Limits> = {
  steps: 2_000_000,
  depth: 100_000,
  output: 4 * 2 ** 20,
  memory: 8 * 2 ** 20,
  time: 1000,
}
/** Milliseconds, waits included. */
const PATIENCE = 10_000
const AT_ONCE = 32
const NESTED = 8
/** Call forms kept, so that each is compiled once. */
const CALLS = 1000

export interface ActionQuestion {
  readonly kind: ActionNode['kind']
  /** as in the address, decoded */
  readonly name: string
  readonly method: string
  readonly path: string
  /** with its `?`, or '' */
  readonly query: string
  readonly header: Header
  readonly body: Uint8Array | undefined
  readonly secure: boolean
}

export interface Actions {
  /** undefined: the site has no such definition. Rejects with what a client did wrong, or 'action-failed'. */
  answer(site: Site, question: ActionQuestion): Promise<Answer> | undefined
  /** a token for forms of pages that were built, and its cookie */
  token(header: Header, secure: boolean): Answer
  readonly evaluations: Evaluations
}

export interface ActionOptions {
  readonly store: Store
  readonly sha256: Sha256
  readonly clock: Clock
  readonly files: FileReader
  /** so many bytes that nobody can guess; without it there are no tokens, and no forms */
  readonly random: ((bytes: number) => Uint8Array) | undefined
  readonly user?: ((header: Header) => RuntimeValue | Promise<RuntimeValue>) | undefined
  readonly dataFile: (site: Site, name: string) => Promise<string | undefined>
  readonly log: (error: unknown) => void
}

/** Thrown with the methods that there are. */
export class WrongMethod extends SxError {
  readonly allow: string
  constructor(method: string, allow: string) {
    super('method-not-allowed', `${method} means nothing here`, { hint: `it takes ${allow}` })
    this.allow = allow
  }
}

const methodsOf = ({ kind, effects }: ActionNode): readonly string[] => {
  if (kind === 'query') return ['GET', 'HEAD']
  if (kind === 'action') return ['POST']
  const declared = ['get', 'post', 'put', 'patch', 'delete'].filter(name => effects.includes(name))
  const methods = declared.length === 0 ? ['GET'] : declared.map(name => name.toUpperCase())
  return methods.includes('GET') ? ['GET', 'HEAD', ...methods.slice(1)] : methods
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const common = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Accept, Cookie',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'self'",
  'Referrer-Policy': 'same-origin',
}
/** What a definition did wrong, as opposed to what is wrong with the site. */
const failures: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['eval-failed', 'eval-limit'])

export const createActions = (o: ActionOptions): Actions => {
  const evaluations = createEvaluations({ ...o, limits: evaluationLimits })
  let running = 0

  const bodyOf = ({ body, header }: ActionQuestion) => {
    if (body === undefined || body.byteLength === 0) return {}
    const type = (header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
    if (type !== 'application/json' && type !== 'application/x-www-form-urlencoded')
      throw new SxError('media-unsupported', `a body of type ${type.slice(0, 60) || 'unknown'} is not read`, {
        hint: 'application/json or application/x-www-form-urlencoded',
      })
    let text: string
    try {
      text = utf8.decode(body)
    } catch (cause) {
      throw new SxError('request-invalid', 'the body is no UTF-8', {}, cause)
    }
    return type === 'application/json' ? { json: text } : { form: new URLSearchParams(text) }
  }

  /** The call of a definition with values under names that no text can hold. */
  const calls = new Map<string, ReturnType<typeof makeCall>>()
  const callOf = (cid: string, node: ActionNode) => {
    let call = calls.get(cid)
    if (call === undefined) {
      if (calls.size >= CALLS) calls.clear()
      calls.set(cid, (call = makeCall(cid, node)))
    }
    return call
  }
  const makeCall = (cid: string, node: ActionNode) => {
    const parameters = parametersOf(node.params)
    const names = parameters.map((_, i) => ` ${i}`)
    const form: Value = [
      new Link(cid),
      ...parameters.flatMap((p, i): Value[] =>
        p.key ? [keyword(p.name), sym(names[i]!)] : [sym(names[i]!)],
      ),
    ]
    return { parameters, form, names }
  }

  const find = (site: Site, kind: ActionNode['kind'], name: string) => {
    const cid = site.find(name)
    const node = cid === undefined ? undefined : evaluations.nodeOf(cid)
    return cid !== undefined && node !== undefined && isAction(node) && node.kind === kind
      ? { cid, node }
      : undefined
  }

  const token = (header: Header, made: { token?: string }): string => {
    const known = tokenOf(header) ?? made.token
    if (known !== undefined) return known
    if (o.random === undefined) throw new SxError('overloaded', 'this server makes no tokens')
    return (made.token = Buffer.from(o.random(24)).toString('base64url'))
  }

  /** Another query or action, from inside one. */
  const runInside = async (
    site: Site,
    asked: Asked,
    reply: Reply,
    signal: AbortSignal,
    depth: number,
    kind: 'query' | 'action',
    name: string,
    given: ReadonlyMap<string, RuntimeValue>,
    made: { token?: string },
  ): Promise<RuntimeValue> => {
    if (depth >= NESTED) throw new SxError('eval-limit', `queries ask each other more than ${NESTED} deep`)
    const found = find(site, kind, name)
    if (found === undefined) {
      const text = kind === 'query' && given.size === 0 ? await o.dataFile(site, name) : undefined
      if (text === undefined) throw new SxError('eval-failed', `the site has no ${kind} ${name}`)
      return cross('query', JSON.parse(text))
    }
    const { parameters, form, names } = callOf(found.cid, found.node)
    let values: readonly RuntimeValue[]
    try {
      values = bindArguments(parameters, given)
    } catch (error) {
      throw new SxError('eval-failed', `${kind} ${name}: ${(error as Error).message}`)
    }
    const host = hostOf(site, { ...asked, kind }, reply, signal, depth + 1, made)
    return evaluations
      .runtimeOf(site)
      .evaluate(form, new Map(names.map((key, i) => [key, values[i]])), { host })
  }

  const hostOf = (
    site: Site,
    asked: Asked,
    reply: Reply,
    signal: AbortSignal,
    depth: number,
    made: { token?: string },
  ) =>
    createHost(
      asked,
      reply,
      {
        now: o.clock,
        token: () => token(asked.header, made),
        user: o.user ?? (() => null),
        run: (kind, name, given) => runInside(site, asked, reply, signal, depth, kind, name, given, made),
      },
      signal,
    )

  /** The result as the client likes it best. */
  const resultOf = async (
    runtime: Runtime,
    kind: ActionNode['kind'],
    form: Value,
    scope: ReadonlyMap<string, RuntimeValue>,
    host: ReturnType<typeof hostOf>,
    accept: string | undefined,
  ): Promise<{ type: string; body: string }> => {
    if (kind === 'handler') {
      const type = preferred(accept, ['text/html', 'text/sx', 'application/json'])
      if (type === 'text/html')
        return {
          type: 'text/html; charset=utf-8',
          body: (await runtime.renderHtml(form, scope, { host })).html,
        }
      if (type === 'text/sx')
        return {
          type: 'text/sx; charset=utf-8',
          body: (await runtime.renderWire(form, scope, { host })).text,
        }
    }
    const type = preferred(accept, ['application/json', 'text/sx'])
    const value = cross('answer', await runtime.evaluate(form, scope, { host }))
    if (type === 'text/sx') return { type: 'text/sx; charset=utf-8', body: `${print(value as Value)}\n` }
    return { type: 'application/json', body: `${jsonOf(value)}\n` }
  }

  const run = async (site: Site, q: ActionQuestion, cid: string, node: ActionNode): Promise<Answer> => {
    const allowed = methodsOf(node)
    if (!allowed.includes(q.method)) throw new WrongMethod(q.method, allowed.join(', '))
    const safe = q.method === 'GET' || q.method === 'HEAD'
    if (!safe) checkOrigin(q.header)
    const search = new URLSearchParams(q.query)
    const { json, form: fields } = safe ? {} : bodyOf(q)
    // A JSON body can't come from another site's form: its type takes a preflight, which nobody answers.
    if (fields !== undefined) checkToken(q.header, fields.get(fieldName))
    const { parameters, form, names } = callOf(cid, node)
    const given = new Map(
      safe || json === undefined ? textArguments(parameters, search) : jsonArguments(json),
    )
    if (fields !== undefined)
      for (const [name, value] of textArguments(parameters, fields, new Set([fieldName]))) {
        if (given.has(name)) throw new SxError('request-invalid', `the argument ${name} is given twice`)
        given.set(name, value)
      }
    const values = bindArguments(parameters, given)

    const reply: Reply = { status: undefined, headers: [], stopped: undefined }
    const asked: Asked = {
      kind: node.kind,
      method: q.method,
      path: q.path,
      search,
      form: fields,
      json: json === undefined ? undefined : fromJson(json === '' ? 'null' : json),
      header: q.header,
      secure: q.secure,
    }
    const host = hostOf(site, asked, reply, AbortSignal.timeout(PATIENCE), 0, {})
    const scope = new Map(names.map((name, i) => [name, values[i]]))
    let result: { type: string; body: string } | undefined
    try {
      result = await resultOf(evaluations.runtimeOf(site), node.kind, form, scope, host, q.header('accept'))
    } catch (error) {
      if (reply.stopped === undefined) {
        if (!(error instanceof SxError) || !failures.has(error.code))
          throw error instanceof SxError && error.code === 'not-acceptable'
            ? error
            : new SxError('internal', `${q.name} can't be evaluated`, {}, error)
        o.log(error)
        throw new SxError(
          'action-failed',
          error.code === 'eval-limit'
            ? 'that took more than it may'
            : `the ${node.kind} could not be carried out`,
        )
      }
    }
    const { stopped } = reply
    const own = reply.headers.flat()
    if (stopped?.location !== undefined)
      return {
        status: 303,
        headers: [...headers({ Location: stopped.location, ...common }), 'Content-Length', '0', ...own],
        body: new Uint8Array(),
      }
    if (stopped !== undefined || result === undefined) {
      const problem = {
        type: 'about:blank',
        title: stopped?.message ?? `the ${node.kind} refused that`,
        status: stopped?.status,
      }
      const made = answer(
        stopped?.status ?? 422,
        { 'Content-Type': 'application/problem+json', ...common },
        JSON.stringify(problem) + '\n',
      )
      return { ...made, headers: [...made.headers, ...own] }
    }
    const made = answer(reply.status ?? 200, { 'Content-Type': result.type, ...common }, result.body)
    return { ...made, headers: [...made.headers, ...own] }
  }

  return {
    evaluations,
    answer: (site, question) => {
      const found = find(site, question.kind, question.name)
      if (found === undefined) return undefined
      if (running >= AT_ONCE)
        return Promise.reject(new SxError('overloaded', 'too many requests are being worked on'))
      running++
      return run(site, question, found.cid, found.node).finally(() => {
        running--
      })
    },
    token: (header, secure) => {
      const value = token(header, {})
      return answer(
        200,
        { 'Content-Type': 'application/json', ...common, 'Set-Cookie': tokenCookie(value, secure) },
        `${JSON.stringify({ token: value })}\n`,
      )
    },
  }
}
