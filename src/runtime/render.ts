// Rendering, always from the unevaluated tree: what each head becomes. One set of rules; the sink decides whether they
// make HTML text or DOM.
import { doIsLoop } from '../lang/shape.ts'
import {
  ExportLink,
  isList,
  Keyword,
  Link,
  type List,
  MemberRef,
  Ref,
  Sym,
  type Value,
} from '../lang/values.ts'
import { tags } from '../lang/words.ts'
import { attributeWriter, checkName, isRewritten } from './attributes.ts'
import { apply, renderCall } from './call.ts'
import { choices } from './choice.ts'
import { type Code, code, constant, type Env, levelOf, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { fixed, folded, started } from './fold.ts'
import type { Form, FormRow } from './form.ts'
import { letForm, letrecForm, threaded } from './forms.ts'
import { argumentsOf, type Each, eachOf, type HigherOrder } from './higher.ts'
import { bind, bindAll, Frame, GO, type Machine, type Resume } from './machine.ts'
import { bindArgs } from './params.ts'
import { type Attribute, isVoid, type Sink } from './sink.ts'
import { Fn, fail } from './values.ts'
import { nothing, renderIn, renderValue, textOf } from './write.ts'

const write = (text: string): Code =>
  text === ''
    ? nothing
    : fixed(
        code(0, (_env, m) => {
          m.sink.text(text)
        }),
      )

/** Any value, rendered. */
const rendered = (c: Code): Code =>
  c.level === 0 ? code(0, (env, m) => renderValue(c(env, m), m)) : bind(c, renderIn)

const sequence = (all: readonly Code[]): Code => {
  const codes: Code[] = []
  let run: Code[] = []
  const every = all.every(c => c.fixed)
  const flush = (): void => {
    if (every) codes.push(...run)
    else if (run.length > 0) codes.push(folded(plain(run)))
    run = []
  }
  for (const c of all) {
    if (c === nothing) continue
    if (c.fixed) run.push(c)
    else {
      flush()
      codes.push(c)
    }
  }
  flush()
  const c = plain(codes)
  return every && codes.length > 0 ? fixed(c) : c
}

const plain = (codes: readonly Code[]): Code => {
  const n = codes.length
  if (n === 0) return nothing
  if (n === 1) return codes[0]!
  if (levelOf(codes) === 0) {
    const from = (i: number, env: Env, m: Machine): unknown => {
      for (; i < n; i++)
        if (codes[i]!(env, m) === GO) {
          if (i + 1 < n) m.pending.push(new Frame(rest, env, undefined, i + 1, undefined))
          return GO
        }
      return undefined
    }
    const rest: Resume = (_v, k, m) => (from(k.y, k.e, m) === GO ? m.link() : undefined)
    return code(0, (env, m) => from(0, env, m))
  }
  const from = (i: number, env: Env, m: Machine): unknown => {
    for (; i < n; i++) {
      const c = codes[i]!
      if (c.level !== 0) {
        // Something may have been written in this step: what could need a definition starts one of its own.
        if (i + 1 < n) m.push(rest, env, undefined, i + 1)
        return m.go(c, env)
      }
      if (c(env, m) === GO) {
        if (i + 1 < n) m.push(rest, env, undefined, i + 1)
        return m.link()
      }
    }
    return undefined
  }
  const rest: Resume = (_v, k, m) => from(k.y, k.e, m)
  return code(2, (env, m) => from(0, env, m))
}

/** A sink for text only: titles, scripts, styles. */
const textSink = (tag: string): Sink & { out: string } => {
  const refuse = (): never => fail(`<${tag}> takes text only`)
  return {
    out: '',
    open: refuse,
    close: refuse,
    raw(html) {
      this.out += html
    },
    text(text) {
      this.out += text
    },
    data(text) {
      this.out += text
    },
    size() {
      return this.out.length
    },
  }
}

// Kept in the body: what HTML allows there.
const bodyLink = /\b(?:dns-prefetch|modulepreload|pingback|preconnect|prefetch|preload|stylesheet)\b/i

const isHead = (tag: string, attributes: readonly Attribute[]): boolean => {
  const get = (name: string): string | undefined => attributes.find(([n]) => n === name)?.[1]
  if (tag === 'title') return true
  if (tag === 'script') return get('type') === 'application/ld+json'
  if (tag === 'meta') return get('itemprop') === undefined
  return tag === 'link' && get('itemprop') === undefined && !bodyLink.test(get('rel') ?? '')
}

/** Text that can't end the element it stands in. `<\/` is the same as `</` in scripts, JSON and CSS strings. */
const harmless = (tag: string, text: string): string =>
  text.replace(
    tag === 'script' ? /<(?=\/script|!--|script)/gi : /<(?=\/style)/gi,
    tag === 'script' ? '\\x3C' : '\\3C ',
  )

const harmlessJson = (text: string): string => text.replaceAll('<', '\\u003C')

const element = (tag: string, args: List, scope: Scope, c: Compiler): Code => {
  /** code, or what is written whatever happens */
  const attributes = new Map<string, { readonly code: Code; readonly literal: boolean }>()
  const children: Code[] = []
  for (const { key, form } of c.operands(args)) {
    const name = key ?? (form instanceof Keyword ? form.name : undefined)
    if (name === undefined) children.push(c.render(form, scope))
    else {
      checkName(name)
      const isPlain = form === null || typeof form !== 'object' || form instanceof Keyword
      attributes.set(name, {
        code: key === undefined ? constant(true) : c.value(form, scope),
        literal: isPlain && !isRewritten(name),
      })
    }
  }
  const all = [...attributes.values()]
  const codes = all.map(a => a.code)
  const writers = [...attributes.keys()].map(attributeWriter)
  const once = all.map((a, i) =>
    a.literal ? writers[i]!(a.code([], undefined as unknown as Machine), undefined) : undefined,
  )
  const constantOnly = all.every(a => a.literal)
  const allOnce = once.filter(item => item !== undefined)
  const listed = (vs: readonly unknown[], m: Machine): readonly Attribute[] => {
    if (constantOnly) return allOnce
    const list: Attribute[] = []
    for (let i = 0; i < all.length; i++) {
      const item = all[i]!.literal ? once[i] : writers[i]!(vs[i], m.url)
      if (item) list.push(item)
    }
    return list
  }
  const kids = sequence(children)
  if (isVoid(tag) && children.length > 0) fail(`<${tag}> takes no children`)

  const close: Resume = (_v, _k, m) => {
    m.sink.close(tag, m.ns)
  }
  const inside = started(kids)
  const framed = bindAll(codes, (vs, env, m) => {
    m.sink.open(tag, listed(vs, m), m.ns)
    m.push(close, env)
    return m.go(inside, env)
  })
  if (/^(?:title|meta|link|script|style)$/.test(tag)) {
    const end: Resume = (_v, k, m) => {
      const [sink, list] = k.x as [Sink, readonly Attribute[]]
      const text = textOf((m.sink as Sink & { out?: string }).out) ?? ''
      m.sink = sink
      const json = tag === 'script' && /json$/.test(list.find(([name]) => name === 'type')?.[1] ?? '')
      const safe =
        tag === 'script' || tag === 'style' ? (json ? harmlessJson(text) : harmless(tag, text)) : text
      if (isHead(tag, list)) {
        m.head.push({ tag, attributes: list, text: safe })
        return undefined
      }
      sink.open(tag, list, '')
      if (safe !== '') sink.data(safe)
      sink.close(tag, '')
      return undefined
    }
    return bindAll(codes, (vs, env, m) => {
      if (m.ns !== '') return framed(env, m)
      m.push(end, env, [m.sink, listed(vs, m)])
      m.sink = textSink(tag)
      return m.go(inside, env)
    })
  }
  if (tag === 'svg' || tag === 'math' || tag === 'foreignObject') {
    const leave: Resume = (_v, k, m) => {
      const [own, outer] = k.x as [string, string]
      m.sink.close(tag, own)
      m.ns = outer
    }
    const c2 = bindAll(codes, (vs, env, m) => {
      const outer = m.ns
      const own = tag === 'foreignObject' ? outer : tag
      m.sink.open(tag, listed(vs, m), own)
      m.push(leave, env, [own, outer])
      m.ns = tag === 'foreignObject' ? '' : tag
      return m.go(inside, env)
    })
    return constantOnly && kids.fixed ? folded(fixed(c2)) : c2
  }
  if (levelOf(codes) > 0 || kids.level !== 0) return constantOnly && kids.fixed ? fixed(framed) : framed
  const evaluated = constantOnly ? [] : codes
  const direct = code(0, (env, m) => {
    const vs = evaluated.length === 0 ? evaluated : evaluated.map(x => x(env, m))
    m.sink.open(tag, listed(vs, m), m.ns)
    if (kids(env, m) === GO) {
      m.pending.push(new Frame(close, env, undefined, 0, undefined))
      return GO
    }
    m.sink.close(tag, m.ns)
    return undefined
  })
  return constantOnly && kids.fixed ? fixed(direct) : direct
}

/** map, map-indexed and for-each: what the function's body renders to, item by item. */
const eachForm =
  (kind: HigherOrder): Form =>
  (operands, scope, c) => {
    const [f, ...lists] = operands
    const listCodes = lists.map(form => c.value(form, scope))
    if (
      isList(f) &&
      f[0] instanceof Sym &&
      (f[0].name === 'fn' || f[0].name === 'lambda') &&
      levelOf(listCodes) === 0
    ) {
      const spec = c.lambda(f[1] ?? [], f.slice(2), scope, kind)
      const body = spec.compile(true)
      if (body.level === 0 && spec.n === (kind === 'map-indexed' ? 2 : lists.length)) {
        const from = (x: Each, i: number, env: Env, m: Machine): unknown => {
          m.count(Math.min(100, x.n - i))
          for (let stop = i + 100; i < x.n; i++)
            // Now and then the machine looks up: at limits, and at a reader who waits for the first part.
            if ((i === stop ? m.go(nothing, env) : body([env, ...argumentsOf(x, i)], m)) === GO) {
              m.pending.push(new Frame(rest, env, x, i === stop ? i : i + 1, undefined))
              return GO
            }
          return undefined
        }
        const rest: Resume = (_v, k, m) => (from(k.x as Each, k.y, k.e, m) === GO ? m.link() : undefined)
        return code(0, (env, m) => {
          const x = eachOf(kind, [null, ...listCodes.map(list => list(env, m))])
          return from(x, 0, env, m)
        })
      }
    }
    return bindAll([c.value(f ?? null, scope), ...listCodes], (vs, env, m) =>
      turn(env, eachOf(kind, vs), 0, m),
    )
  }

const turn = (env: Env, x: Each, i: number, m: Machine): unknown => {
  if (i >= x.n) return undefined
  const { f } = x
  m.push(nextTurn, env, x, i + 1)
  const args = argumentsOf(x, i)
  if (f instanceof Fn) return m.go(started(f.s.compile(true)), bindArgs(f.s, f.e, args))
  m.push(renderResult, env)
  return apply(m, f, args)
}

const nextTurn: Resume = (_v, k, m) => turn(k.e, k.x as Each, k.y, m)
const renderResult: Resume = (v, k, m) => renderIn(v, k.e, m)

const all: Form = (operands, scope, c) => sequence(operands.map(form => c.render(form, scope)))

/** The core's forms that render without evaluating first. */
export const coreMarkup: readonly FormRow[] = [
  ...choices.map(([name, make]): FormRow => [name, make(true)]),
  ...(['map', 'map-indexed', 'for-each'] as const).map((name): FormRow => [name, eachForm(name)]),
  ['let', letForm(false, true)],
  ['let*', letForm(true, true)],
  ['letrec', letrecForm(true)],
  ['begin', (operands, scope, c) => c.body(operands, scope, true)],
  ['<>', all],
  ['do', (operands, scope, c) => c.body(operands, scope, true)],
  ...['->', '->>'].map(
    (name): FormRow => [name, (operands, scope, c) => c.render(threaded(name, operands), scope)],
  ),
]

/** Their value is not part of the page. */
const isEffect = /^(?:define|set!|emit!|append!|dict-set!|reset!|swap!|effect|batch|dispose|assert)$/

const unknown = (name: string): Code => {
  const warning = write(`Unknown component ${name}`)
  return code(0, (env, m) => {
    m.sink.open('strong', [['data-sx-unknown', name]], m.ns)
    warning(env, m)
    m.sink.close('strong', m.ns)
  })
}

/** Form → code that writes it. */
export const renderForm = (form: Value, scope: Scope, c: Compiler): Code => {
  if (!isList(form)) {
    if (form instanceof Sym || (form !== null && typeof form === 'object'))
      return rendered(c.value(form, scope))
    return write(textOf(form) ?? '')
  }
  const head = form[0]
  if (head === undefined) return nothing
  if (head instanceof Sym) {
    const { name } = head
    const args = form.slice(1)
    const special = c.markup.get(name)
    if (special && !(name === 'do' && doIsLoop(args)) && !(name === 'let' && args[0] instanceof Sym))
      return special(args, scope, c)
    if (tags.has(name)) return element(name, args, scope, c)
    if (isEffect.test(name)) return bind(c.value(form, scope), () => undefined)
    if (c.forms.has(name)) return rendered(c.value(form, scope))
    const local = c.lookup(name, scope)
    if (local) return renderCall(local, args, scope, c, () => rendered(c.value(form, scope)))
    return name.startsWith('~') ? unknown(name) : rendered(c.value(form, scope))
  }
  if (
    isList(head) ||
    head instanceof Link ||
    head instanceof ExportLink ||
    head instanceof MemberRef ||
    head instanceof Ref
  )
    return renderCall(c.value(head, scope), form.slice(1), scope, c, () => rendered(c.value(form, scope)))
  return rendered(c.value(form, scope))
}
