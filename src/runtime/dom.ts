// The sink that makes DOM, and the one that adopts what a server rendered. They know strings and nodes only, so that
// they can live in another module than the machine.
//
// Adoption walks the tree that is there with a cursor, one level of `stack` per open element. What is the same is not
// touched (no attribute is written, no node moved); what differs is repaired where it is.

import type { Value } from '../lang/values.ts'
import type { Core, RenderedParts, RenderOptions } from './core.ts'
import { openIsland } from './island-element.ts'
import type { Attribute, Sink } from './sink.ts'

const spaces: Record<string, string> = {
  '': 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  math: 'http://www.w3.org/1998/Math/MathML',
}
const attributeSpaces: Record<string, string> = {
  xlink: 'http://www.w3.org/1999/xlink',
  xml: 'http://www.w3.org/XML/1998/namespace',
}

export interface DomSink extends Sink {
  /** removes what is left over, and gives how many nodes and attributes were changed */
  end(): number
  /** something was taken back: what was there was not just compared */
  readonly tookBack: boolean
}

/** Writes below `parent`; with `adopt`, over what is there already. */
export const createDomSink = (document: Document, parent: Node, adopt: boolean): DomSink => {
  let at: Node = parent
  /** the next node below `at` that may be adopted */
  let next: Node | null = adopt ? parent.firstChild : null
  let text = ''
  let size = 0
  let repairs = 0
  const stack: Node[] = []
  let tookBack = false
  /** inside a noscript that the server rendered: browsers hold its insides as text */
  let ignored = 0

  const place = (node: Node): void => {
    at.insertBefore(node, next)
    if (adopt) repairs++
  }

  const remove = (node: Node): Node | null => {
    const after = node.nextSibling
    at.removeChild(node)
    repairs++
    return after
  }

  /** Texts that follow each other are one node, as a parser makes them. */
  const flush = (): void => {
    if (text === '') return
    const data = text
    text = ''
    if (next?.nodeType === 3) {
      if (next.nodeValue !== data) {
        next.nodeValue = data
        repairs++
      }
      next = next.nextSibling
    } else place(document.createTextNode(data))
  }

  const write = (element: Element, name: string, value: string): void => {
    const space = name.includes(':') ? attributeSpaces[name.split(':')[0]!] : undefined
    if (space) element.setAttributeNS(space, name, value)
    else element.setAttribute(name, value)
  }

  const make = (tag: string, attributes: readonly Attribute[], ns: string): Element => {
    const element = document.createElementNS(spaces[ns]!, tag)
    for (const [name, value] of attributes) write(element, name, value)
    // The attribute is a default only; a parser sets both.
    if (element.hasAttribute('muted')) (element as HTMLMediaElement).muted = true
    return element
  }

  const isLike = (node: Node | null, tag: string, ns: string): node is Element =>
    node?.nodeType === 1 &&
    (node as Element).localName === tag &&
    (node as Element).namespaceURI === spaces[ns]

  /** The next node if it fits, or one soon after it, whose way there is cleared; otherwise null. */
  const find = (fits: (node: Node) => boolean): Node | null => {
    let node = next
    for (let i = 0; node && i < 8; i++, node = node.nextSibling)
      if (fits(node)) {
        while (next && next !== node) next = remove(next)
        return node
      }
    return null
  }

  const sync = (element: Element, attributes: readonly Attribute[], ns: string): void => {
    const names = new Set<string>()
    for (const [name, value] of attributes) {
      const written = ns === '' ? name.toLowerCase() : name
      names.add(written)
      if (element.getAttribute(written) === value) continue
      write(element, name, value)
      repairs++
    }
    if (element.attributes.length !== names.size)
      for (const { name } of [...element.attributes])
        if (!names.has(name)) {
          element.removeAttribute(name)
          repairs++
        }
  }

  const enter = (element: Element): void => {
    stack.push(at, element)
    at =
      element.localName === 'template' && 'content' in element
        ? (element as HTMLTemplateElement).content
        : element
    next = adopt ? at.firstChild : null
  }

  const leave = (): void => {
    flush()
    while (next) next = remove(next)
    const element = stack.pop()!
    at = stack.pop()!
    next = adopt ? element.nextSibling : null
  }

  return {
    open(tag, attributes, ns) {
      if (ignored > 0) {
        ignored++
        return
      }
      flush()
      size += tag.length
      const found = adopt ? find(node => isLike(node, tag, ns)) : null
      if (found) sync(found as Element, attributes, ns)
      const element = (found as Element | null) ?? make(tag, attributes, ns)
      if (!found) place(element)
      if (found && tag === 'noscript') {
        ignored = 1
        next = element.nextSibling
      } else enter(element)
    },
    close() {
      if (ignored > 0) ignored--
      else leave()
    },
    text(s) {
      if (ignored > 0) return
      size += s.length
      // As a parser does: NUL can't stand in HTML.
      text += s.includes('\0') ? s.replaceAll('\0', '') : s
    },
    data(s) {
      text += s
    },
    raw(html, ns) {
      if (ignored > 0) return
      size += html.length
      const template = document.createElement('template')
      template.innerHTML = ns === '' ? html : `<${ns}>${html}</${ns}>`
      const from: Node = ns === '' ? template.content : template.content.firstChild!
      for (const node of [...from.childNodes]) {
        if (node.nodeType === 3) {
          text += node.nodeValue
          continue
        }
        flush()
        const own = document.importNode(node, true)
        const found = adopt ? find(other => other.isEqualNode(own)) : null
        if (found) next = found.nextSibling
        else place(own)
      }
    },
    island: openIsland,
    mark() {
      const was = { at, text, size, ignored }
      const open = [...stack]
      const before = next ? next.previousSibling : at.lastChild
      return () => {
        tookBack = true
        ;({ at, text, size, ignored } = was)
        stack.splice(0, stack.length, ...open)
        next = before ? before.nextSibling : at.firstChild
        if (!adopt) {
          while (next) next = remove(next)
          // What was made after the elements that are open again.
          for (let i = 0; i < open.length; i += 2)
            while (open[i + 1]!.nextSibling) open[i]!.removeChild(open[i + 1]!.nextSibling!)
        }
      }
    },
    get tookBack() {
      return tookBack
    },
    size: () => size,
    end() {
      flush()
      while (next) next = remove(next)
      return repairs
    },
  }
}

export interface DomOptions extends RenderOptions {
  readonly document: Document
  readonly parent: Node
  /** keep what the server rendered below `parent` where it is the same */
  readonly adopt?: boolean
}

/** `repairs`: nodes and attributes that differed from what was there (0: the server rendered the same). */
export interface DomResult extends RenderedParts {
  readonly repairs: number
  /** a guard or a continuation took back what had been made: repairs count that, too */
  readonly tookBack: boolean
}

/**
 * Renders `form` below `parent`. Without `adopt` the new tree replaces what is there in one go, when it is complete;
 * with it, differences are repaired as they are met, and an error leaves the rest as the server rendered it.
 */
export const renderDom = async (
  runtime: Pick<Core, 'renderTo'>,
  form: Value,
  scope: ReadonlyMap<string, unknown> | undefined,
  { document, parent, adopt = false, url }: DomOptions,
): Promise<DomResult> => {
  const into = adopt ? parent : document.createDocumentFragment()
  const sink = createDomSink(document, into, adopt)
  const parts = await runtime.renderTo(sink, form, scope, url ? { url } : {})
  const repairs = sink.end()
  if (!adopt) (parent as Element).replaceChildren(into)
  return { ...parts, repairs, tookBack: sink.tookBack }
}
