// What an update of the graph tells whoever asked for it.
import type { SxError } from '../errors.ts'
import type { Warning } from '../lang/meaning.ts'
import type { Block } from '../ports.ts'
import type { Holders } from './holders.ts'
import type { Journal } from './journal.ts'
import type { Unit } from './unit.ts'

/** What the graph knows of one definition, library or page: a live view, read only. */
export type Entry = Readonly<
  Omit<Unit, 'meaning' | 'component' | 'vertex' | 'link' | 'refs' | 'dependents'>
> & {
  readonly refs: readonly Entry[]
  readonly dependents: readonly Entry[]
}

/** What an update did. With an error nothing has changed: give the same changes again, with those that mend it. */
export interface GraphUpdate {
  /** every error found, by file and place; empty: the update is done */
  readonly errors: readonly SxError[]
  /** of what was expanded again */
  readonly warnings: readonly { readonly name: string; readonly warning: Warning }[]
  /** blocks that nothing had before; what one links to comes before it */
  readonly blocks: readonly Block[]
  /** CIDs of blocks that nothing has any more */
  readonly dropped: readonly string[]
  /** name of a definition or library → its CID where that is new; undefined: the name is gone */
  readonly names: ReadonlyMap<string, string | undefined>
  /** page path → its entry where it, or what its `:paths` are made of, changed; undefined: the page is gone */
  readonly pages: ReadonlyMap<string, Entry | undefined>
  /** CIDs of definitions and libraries whose annotation may have changed, or which are gone */
  readonly annotated: ReadonlySet<string>
  /** CID of an `@h:` or `@x:` link in what was expanded again → names of the definitions that hold it */
  readonly foreign: ReadonlyMap<string, readonly string[]>
  /** how many were expanded, and how many hashed, again */
  readonly expanded: number
  readonly hashed: number
}

export interface Done {
  readonly journal: Journal
  readonly holders: Holders
  readonly blocks: ReadonlyMap<string, Block>
  readonly stale: ReadonlySet<Unit>
  readonly hashed: ReadonlySet<Unit>
  readonly moved: ReadonlySet<Unit>
  readonly gone: ReadonlySet<Unit>
}

/** What a finished update tells. */
export const reportOf = ({ journal, holders, blocks, stale, hashed, moved, gone }: Done): GraphUpdate => {
  const names = new Map<string, string | undefined>()
  const pages = new Map<string, Entry | undefined>()
  const annotated = new Set<string>()
  const links = new Map<string, string[]>()
  for (const unit of gone) {
    if (unit.origin.type === 'page') pages.set(unit.origin.at.path, undefined)
    else {
      names.set(unit.name, undefined)
      annotated.add(unit.cid)
    }
  }
  for (const unit of journal.touched()) {
    if (gone.has(unit)) continue
    const before = journal.before(unit)
    if (before?.origin.type === 'page') {
      const { path } = before.origin.at
      if (!pages.has(path)) pages.set(path, undefined)
    }
    if (unit.origin.type === 'page') continue
    const changed = before?.link?.cid !== unit.cid
    if (changed) names.set(unit.name, unit.cid)
    if (!changed && !moved.has(unit)) continue
    if (before?.link !== undefined) annotated.add(before.link.cid)
    annotated.add(unit.cid)
  }
  for (const unit of [...moved, ...hashed])
    if (unit.origin.type === 'page') pages.set(unit.origin.at.path, unit)
  const warnings: { name: string; warning: Warning }[] = []
  for (const unit of stale) {
    const { expansion } = unit
    for (const warning of expansion?.warnings ?? []) warnings.push({ name: unit.name, warning })
    for (const cid of expansion?.foreign ?? []) {
      const known = links.get(cid)
      if (known === undefined) links.set(cid, [unit.name])
      else known.push(unit.name)
    }
  }
  const isHeld = (cid: string): boolean => holders.get(cid).length > 0
  const dropped: string[] = []
  for (const [cid, count] of holders.held) if (count > 0 && !isHeld(cid)) dropped.push(cid)
  return {
    errors: [],
    warnings,
    blocks: [...blocks.values()].filter(block => isHeld(block.cid) && !holders.held.get(block.cid)),
    dropped,
    names,
    pages,
    annotated,
    foreign: links,
    expanded: stale.size,
    hashed: hashed.size,
  }
}

/** What an update tells that was taken back, but for its errors. */
export const nothing: Omit<GraphUpdate, 'errors'> = {
  warnings: [],
  blocks: [],
  dropped: [],
  names: new Map(),
  pages: new Map(),
  annotated: new Set(),
  foreign: new Map(),
  expanded: 0,
  hashed: 0,
}
