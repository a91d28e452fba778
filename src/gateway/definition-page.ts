// One definition as a page for people: what it is called, its code with links, what it uses, other forms to have it in.
import type { Node } from '../ipld/kinds.ts'
import { formsOf } from './definition-text.ts'
import { highlight, type NameOf, shortCid } from './highlight.ts'
import { escapeHtml, type Shell } from './html.ts'

export interface Described {
  readonly cid: string
  readonly node: Node
  readonly size: number
  /** by which the site knows it, sorted */
  readonly names: readonly string[]
  /** the author's comment above it */
  readonly doc?: string | undefined
  /** `file:line` */
  readonly source?: string | undefined
  /** direct links, in order of occurrence, each once */
  readonly links: readonly string[]
}

export interface Lookup {
  readonly nameOf: NameOf
  readonly loadNode: (cid: string) => Node | undefined
  /** kind and size of a block; undefined: the store has it not */
  readonly outline: (cid: string) => { readonly kind: string; readonly size: number } | undefined
}

/** A closure may have 20,000 links: a page shows the first of them. */
const MOST_LINKS = 200

const kindNames: Readonly<Record<Node['kind'], string>> = {
  component: 'component',
  island: 'island',
  macro: 'macro',
  value: 'value',
  handler: 'handler',
  query: 'query',
  action: 'action',
  group: 'cycle of definitions',
  member: 'member of a cycle',
  library: 'client library',
  wasm: 'WebAssembly module',
  bytecode: 'library, compiled',
  page: 'page',
  closure: 'closure',
  site: 'site root',
  release: 'release',
}

export function definitionPage(what: Described, lookup: Lookup, shell: Shell): string {
  const { cid, node, names, links } = what
  const title =
    names[0] ?? (node.kind === 'page' ? node.path : node.kind === 'site' ? node.title : shortCid(cid))
  const shown = links.slice(0, MOST_LINKS)
  const rows = shown.map(link => {
    const outline = lookup.outline(link)
    const name = lookup.nameOf(link)
    const label = name === undefined ? `<code>${shortCid(link)}</code>` : escapeHtml(name)
    return `<tr><td><a href="/sx/h/${link}?format=html" title="${link}">${label}</a></td><td class="soft">${outline?.kind ?? 'not here'}</td><td class="n">${outline === undefined ? '' : bytes(outline.size)}</td></tr>`
  })
  const rest = links.length - shown.length
  const others = names.slice(1)
  return shell.page(
    title,
    `<p><span class="kind">${kindNames[node.kind]}</span></p>
<h1>${escapeHtml(title)}</h1>
${others.length === 0 ? '' : `<p class="soft">also ${others.slice(0, 20).map(escapeHtml).join(', ')}</p>\n`}${what.doc === undefined || what.doc === '' ? '' : `<p>${escapeHtml(what.doc)}</p>\n`}<p class="cid">${cid}</p>
<p class="soft">${bytes(what.size)}${what.source === undefined ? '' : ` · ${escapeHtml(what.source)}`}</p>
<ul class="views"><li><a href="?format=sx">SX text</a></li><li><a href="?format=dag-json">DAG-JSON</a></li><li><a href="?format=raw" download="${cid}.cbor">the block itself</a></li></ul>
<h2>Code</h2>
<pre><code>${highlight(formsOf(node, lookup.loadNode, nameFor(node, names)), lookup.nameOf)}</code></pre>
<h2>Uses</h2>
${rows.length === 0 ? '<p class="soft">Nothing but the language itself.</p>' : `<table>${rows.join('\n')}</table>`}${rest > 0 ? `\n<p class="soft">and ${rest} more</p>` : ''}`,
  )
}

/** A page and a library carry what they are called themselves. */
const nameFor = (node: Node, names: readonly string[]): string | undefined =>
  node.kind === 'page' || node.kind === 'library' || node.kind === 'site' ? undefined : names[0]

export const bytes = (n: number): string =>
  n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} KB` : `${(n / 1e6).toFixed(1)} MB`
