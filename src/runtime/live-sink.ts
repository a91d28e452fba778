// The sink that renders into a document that lives: over nodes that are there where they fit, in new ones elsewhere.
import type { Code, Env } from './code.ts'
import { Island } from './live.ts'
import { Attributes, type LiveElement, setAll, setAttributes, setState, spaces } from './live-element.ts'
import { GO, type Machine, type Resume } from './machine.ts'
import { nodeFrom, Piece, Region, type Thing } from './region.ts'
import type { ElementParts } from './render.ts'
import { now, type Owner } from './signal.ts'
import type { Attribute, Sink } from './sink.ts'
import type { Component } from './values.ts'
import type { Same, Use } from './watched.ts'

/** An element that is open: whether it is new, where the sink was, and who owned what was made there. */
type Open = readonly [Element, boolean, Node, Node | null, Node | null, Region | undefined, Owner | undefined]

const shown: Resume = (_v, k, m) => (m.sink as LiveSink).leaveRegion(k.x as Region)

/** Most of what might be live isn't: a watcher that has read nothing serves again. */
let spareRegion: Region | undefined
let spareAttributes: Attributes | undefined

export class LiveSink implements Sink {
  at: Node
  /** the next node that may be taken over; new ones go before it */
  upcoming: Node | null
  /** the first that may not */
  end: Node | null
  here: Region | undefined
  /** the region that waits to know its first thing, or what comes after it */
  last: Region | undefined
  side: 'first' | 'after' = 'first'
  pieces: Piece[] = []
  readonly stack: Open[] = []
  written = 0

  constructor(at: Node, upcoming: Node | null, end: Node | null) {
    this.at = at
    this.upcoming = upcoming
    this.end = end
  }

  /** A sink over what a region is now. */
  over(region: Region, end: Node | null): LiveSink {
    const sink = new LiveSink(region.at, nodeFrom(region.first) ?? end, end)
    sink.here = sink.last = region
    region.first = undefined
    return sink
  }

  private thing(thing: Thing): void {
    if (this.last) this.last[this.side] = thing
    this.last = undefined
  }

  private wait(region: Region, side: 'first' | 'after'): void {
    this.last = region
    this.side = side
  }

  text(text: string): void {
    this.written += text.length
    if (!text) return
    if (this.last || !this.pieces.length) {
      const piece = new Piece()
      this.thing(piece)
      this.pieces.push(piece)
    }
    // As a parser does: NUL can't stand in HTML.
    this.pieces.at(-1)!.text += text.replaceAll('\0', '')
  }

  data(text: string): void {
    this.text(text)
  }

  size(): number {
    return this.written
  }

  /** Texts that follow each other are one node, as a parser makes them. */
  private flush(): void {
    const { pieces } = this
    const [first] = pieces
    if (!first) return
    this.pieces = []
    const text = pieces.map(piece => piece.text).join('')
    const { upcoming } = this
    if (upcoming !== this.end && upcoming?.nodeType === 3) {
      first.node = upcoming as Text
      if (upcoming.nodeValue !== text) upcoming.nodeValue = text
      this.upcoming = upcoming.nextSibling
    } else {
      first.node = document.createTextNode(text)
      this.at.insertBefore(first.node, upcoming)
    }
    if (pieces.length > 1) for (const piece of pieces) piece.run = pieces
  }

  /** What is left over goes. */
  private clear(): void {
    this.flush()
    while (this.upcoming !== this.end) {
      const { nextSibling } = this.upcoming!
      this.at.removeChild(this.upcoming!)
      this.upcoming = nextSibling
    }
  }

  private enter(tag: string, ns: string): LiveElement {
    this.flush()
    const { upcoming, end, at, here } = this
    const fits =
      upcoming !== end &&
      (upcoming as Element).localName === tag &&
      (upcoming as Element).namespaceURI === spaces[ns]
    const element = fits ? (upcoming as Element) : document.createElementNS(spaces[ns]!, tag)
    this.thing(element)
    this.written++
    this.stack.push([element, !fits, at, fits ? upcoming!.nextSibling : upcoming, end, here, now.owner])
    this.at =
      tag === 'template' && !ns
        ? (element as HTMLTemplateElement).content
        : // A browser holds the insides of what it doesn't show as text.
          tag === 'noscript'
          ? document.createElement('i')
          : element
    this.upcoming = fits ? this.at.firstChild : null
    this.end = null
    this.here = undefined
    return element
  }

  open(tag: string, attributes: readonly Attribute[], ns: string): void {
    setAttributes(this.enter(tag, ns), attributes)
  }

  /** An element with code: its attributes live if they read something. `fill` makes what is inside, and closes it. */
  element(
    tag: string,
    ns: string,
    parts: ElementParts,
    env: Env,
    m: Machine,
    d: number,
    fill: (env: Env, m: Machine, d: number) => unknown,
  ): unknown {
    const watcher = spareAttributes ?? new Attributes()
    spareAttributes = undefined
    watcher.code = parts.all
    watcher.env = env
    return watcher.read(m, d, (v, m, d) => {
      const element = this.enter(tag, ns)
      const place = { m, k: m.k, owner: now.owner }
      if (watcher.sources.size) Object.assign(watcher, place, { parts, element }).belong(now.owner)
      else spareAttributes = watcher
      setAll(element, parts, v as never, place)
      return fill(env, m, d)
    })
  }

  close(): void {
    this.clear()
    const [element, isNew, at, upcoming, end, here, owner] = this.stack.pop()!
    if (isNew) {
      at.insertBefore(element, upcoming)
      for (const name of ['value', 'muted']) {
        const text = element.getAttribute(name)
        if (text !== null) setState(element, name, text)
      }
    }
    Object.assign(this, { at, upcoming, end, here, last: undefined })
    now.owner = owner
  }

  island({ id }: Component, m: Machine): void {
    const element = this.enter('span', m.ns)
    if (element.getAttribute('data-sx-island') !== id) element.setAttribute('data-sx-island', id)
    now.owner = new Island(Object.assign(element, { sxLive: true }), now.owner)
  }

  raw(html: string, ns: string): void {
    const template = document.createElement('template')
    template.innerHTML = ns ? `<${ns}>${html}</${ns}>` : html
    for (const node of [...(ns ? template.content.firstChild! : template.content).childNodes]) {
      if (node.nodeType === 3) this.text(node.nodeValue!)
      else {
        this.flush()
        const { upcoming } = this
        if (upcoming !== this.end && upcoming!.isEqualNode(node)) {
          this.upcoming = upcoming!.nextSibling
          this.thing(upcoming!)
        } else {
          this.at.insertBefore(node, upcoming)
          this.thing(node)
        }
      }
    }
  }

  /** What `use` makes of the value of `code` is a region, if the code reads something. */
  watch(code: Code, use: Use, env: Env, m: Machine, d: number, same?: Same): unknown {
    const region = spareRegion ?? new Region()
    spareRegion = undefined
    region.code = code
    region.env = env
    return region.read(m, d, (v, m, d) => {
      const { owner } = now
      if (!region.sources.size) {
        for (const one of region.owned ?? []) one.belong(owner)
        region.owned = undefined
        spareRegion = region
        return use(v, env, m, d)
      }
      Object.assign(region, { m, k: m.k, ns: m.ns, use, same, value: v }).belong(owner)
      this.enterRegion(region)
      region.startBody()
      if (use(v, env, m, d + 1, region) === GO && m.finish(env, d + 1) === GO)
        return m.save(shown, env, region)
      return this.leaveRegion(region)
    })
  }

  enterRegion(region: Region): void {
    this.thing(region)
    region.at = this.at
    region.up = this.here
    this.here = region
    this.wait(region, 'first')
  }

  leaveRegion(region: Region): void {
    this.here = region.up
    this.wait(region, 'after')
    now.owner = region.owner
  }

  /** The region that this sink was made for is complete. */
  finish(): void {
    this.clear()
  }
}
