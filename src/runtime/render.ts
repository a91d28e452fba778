// Elements: what a tag becomes, always from the unevaluated tree. One set of rules; the sink decides whether they make
// HTML text or DOM.
import { Keyword, type List } from '../lang/values.ts'
import { attributeWriter } from './attributes.ts'
import { type Code, code, constant, type Env, type Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import { bind, bindAll, GO, type Machine, now, type Resume, sequence } from './machine.ts'
import { type Attribute, isVoid } from './sink.ts'
import { fail } from './values.ts'

/** How an element begins, and what is inside it. */
export interface ElementParts {
  readonly attributes: ReadonlyMap<string, Code>
  /** gives the list of their values, and what is written of them: each is text before the next one is evaluated */
  readonly written: Code
  /** the same, to its end */
  readonly all: Code
  readonly children: readonly Code[]
}

export const partsOf = (tag: string, args: List, scope: Scope, c: Compiler): ElementParts => {
  const attributes = new Map<string, Code>()
  const children: Code[] = []
  for (const { key, form } of c.operands(args)) {
    const name = key ?? (form instanceof Keyword ? form.name : undefined)
    if (name === undefined) children.push(c.render(form, scope))
    else attributes.set(name, key === undefined ? constant(true) : c.value(form, scope))
  }
  if (isVoid(tag) && children.length > 0) fail(`<${tag}> takes no children`)
  const each = [...attributes].map(([name, value]) => {
    const write = attributeWriter(name)
    return bind(value, (v, _env, m) => [v, write(v, m.url) ?? []], 0)
  })
  const written = bindAll(
    each,
    vs => {
      const pairs = vs as [unknown, Attribute[]][]
      return [pairs.map(([v]) => v), pairs.flatMap(([, list]) => list)]
    },
    0,
  )
  return { attributes, written, all: now(written), children }
}

export const element = (tag: string, args: List, scope: Scope, c: Compiler): Code => {
  const parts = partsOf(tag, args, scope, c)
  const made = elementOf(tag, parts)
  return c.fast?.element(tag, parts, made) ?? made
}

export const elementOf = (tag: string, parts: ElementParts): Code => {
  const { written, children } = parts
  const space = /^(?:svg|math)$/.test(tag) ? tag : undefined
  const close = (m: Machine, ns: string): void => {
    m.ns = ns
    m.sink.close(tag, space ?? ns)
  }
  const whole = now(sequence(children))
  const rest: Resume = (_v, k, m) => close(m, k.x as string)
  /** after it was opened */
  const fill = (env: Env, m: Machine, d: number): unknown => {
    const { ns } = m
    m.ns = tag === 'foreignObject' ? '' : (space ?? ns)
    if (whole(env, m, d + 1) === GO) return m.save(rest, env, ns)
    return close(m, ns)
  }
  const plain = bind(written, (v, env, m, d) => {
    m.sink.open(tag, (v as [unknown, Attribute[]])[1], space ?? m.ns)
    return fill(env, m, d)
  })
  return code(2, (env, m, d) =>
    m.sink.element ? m.sink.element(tag, space ?? m.ns, parts, env, m, d, fill) : plain(env, m, d),
  )
}

export const unknown = (name: string): Code =>
  code(0, (_env: Env, m: Machine) => {
    m.sink.open('strong', [['data-sx-unknown', name]], m.ns)
    m.sink.text(`Unknown component ${name}`)
    m.sink.close('strong', m.ns)
  })
