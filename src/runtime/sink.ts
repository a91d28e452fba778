// Where markup goes: the one interface between rendering and HTML text or DOM. Plain strings only, so that a sink can
// live in another module than the machine.
import type { Code, Env } from './code.ts'
import type { Machine } from './machine.ts'
import type { ElementParts } from './render.ts'
import type { Component } from './values.ts'
import type { Same, Use } from './watched.ts'

/** Name and value, in writing order; values are plain text, not escaped. */
export type Attribute = readonly [name: string, value: string]

export interface Sink {
  /** `ns`: '' for HTML, 'svg' or 'math' for what is inside (and at) such an element */
  open(tag: string, attributes: readonly Attribute[], ns: string): void
  close(tag: string, ns: string): void
  text(text: string): void
  /** HTML as the author wrote it; balanced, or HTML text and DOM will differ */
  raw(html: string, ns: string): void
  /** the text of a script or style element, already made harmless */
  data(text: string): void
  /** takes HTML text, escaped, in pieces that make elements together; without it the sink gets the same as calls */
  html?(text: string): void
  /** a component is called: undefined, and it renders; anything else is a step of the machine's */
  call?(
    f: Component,
    args: readonly unknown[],
    keys: readonly (string | undefined)[] | undefined,
    m: Machine,
  ): unknown
  /** the element that makes an island live: opened here, closed as any other */
  island(
    f: Component,
    m: Machine,
    args: readonly unknown[],
    keys: readonly (string | undefined)[] | undefined,
  ): void
  /** a living document's way of `watched` */
  watch?(c: Code, use: Use, env: Env, m: Machine, d: number, same?: Same): unknown
  /** a living document's way of an element; `fill` does what is inside */
  element?(
    tag: string,
    ns: string,
    parts: ElementParts,
    env: Env,
    m: Machine,
    d: number,
    fill: (env: Env, m: Machine, d: number) => unknown,
  ): unknown
  /** Notes what was written; what it gives takes the sink back to that. A living document's is in live-mark.ts. */
  mark?(): () => void
  /** UTF-16 units so far; more whenever something was opened or written */
  size(): number
}

export const isVoid = (tag: string): boolean =>
  /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/.test(tag)
