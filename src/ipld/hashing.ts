// Nodes whose references have CIDs → blocks, lowest component first; stops where a CID stays what it was.
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'
import { ExportLink, Link, MemberRef, Ref } from '../lang/values.ts'
import type { Block, Sha256 } from '../ports.ts'
import { blockOf } from './block.ts'
import { DAG_CBOR } from './cid.ts'
import type { Queue } from './components.ts'
import { type Draft, encodeNode, type Reference, type Resolve } from './encode.ts'
import { placed } from './expansion.ts'
import type { GroupedNode, LibraryNode, Node } from './kinds.ts'
import { refine } from './refine.ts'
import type { Component, Unit } from './unit.ts'

export interface HashPorts {
  readonly sha256: Sha256
  readonly find: (name: string) => Unit
  /** The unit's CID, and its group's, are now these. Called only when one of them changed. */
  readonly assign: (unit: Unit, link: Link, group: string | undefined) => void
  /** the unit is about to be hashed again */
  readonly visit: (unit: Unit) => void
  readonly emit: (block: Block) => void
  readonly fail: (error: SxError) => void
}

/** The CID of what could not be encoded, so that the rest can be, and its errors be found; it is never let out. */
const nowhere = `bafyrei${'a'.repeat(52)}`

/** Hashes all components of the queue, and those that refer to what changed. */
export const hashQueue = (queue: Queue, ports: HashPorts): void => {
  const { sha256, find, assign, visit, emit, fail } = ports

  const refer: Resolve = ref => {
    if (ref.library !== undefined) return new ExportLink(find(ref.library).cid, ref.name)
    return find(ref.name).link ?? new Link(find(ref.name).cid)
  }
  const nodeOf = (unit: Unit): Draft<Node> => {
    const draft = unit.expansion?.draft
    if (draft === undefined) throw new SxError('internal', `${unit.name} is not expanded`)
    if (draft.kind !== 'library') return draft
    const imports = [...new Set([...unit.refs.map(ref => ref.cid), ...unit.expansion!.modules])]
      .sort(compareCodePoints)
      .map(cid => new Link(cid))
    return { ...draft, imports } satisfies LibraryNode
  }

  const plain = (unit: Unit): string => {
    const block = blockOf(encodeNode(nodeOf(unit), refer), DAG_CBOR, sha256)
    if (block.cid !== unit.link?.cid) emit(block)
    return block.cid
  }

  const changed = (component: Component, unit: Unit, cid: string, groupCid: string | undefined): void => {
    const same = unit.link?.cid === cid
    if (same && unit.group === groupCid) return
    assign(unit, same ? (unit.link as Link) : new Link(cid), groupCid)
    if (same) return
    for (const dependent of unit.dependents)
      if (dependent.component !== component && dependent.component !== undefined)
        queue.push(dependent.component)
  }

  const group = (component: Component): void => {
    const { units } = component
    const vertex = new Map(units.map((unit, i) => [unit, i]))
    const insideOf = (found: Reference | Ref): number | undefined =>
      found instanceof Ref && found.library === undefined ? vertex.get(find(found.name)) : undefined
    const cidOf = (found: Reference | Ref): string => {
      if (found instanceof MemberRef) throw new SxError('internal', 'a member without its group')
      return found instanceof Ref ? find(found.library ?? found.name).cid : found.cid
    }
    const nodes = units.map(unit => nodeOf(unit) as Draft<GroupedNode>)
    const { indexOf, members } = refine(nodes, sha256, insideOf, cidOf)
    const resolve: Resolve = ref => {
      const inside = insideOf(ref)
      return inside === undefined ? refer(ref) : new MemberRef(indexOf[inside] as number)
    }
    const node = {
      kind: 'group' as const,
      members: members.map(member => nodes[member] as Draft<GroupedNode>),
    }
    const block = blockOf(encodeNode(node, resolve), DAG_CBOR, sha256)
    emit(block)
    const cids = members.map((_, index) => {
      const member = blockOf(
        encodeNode({ kind: 'member', group: new Link(block.cid), index }),
        DAG_CBOR,
        sha256,
      )
      emit(member)
      return member.cid
    })
    units.forEach((unit, i) => {
      changed(component, unit, cids[indexOf[i] as number] as string, block.cid)
    })
  }

  for (let component = queue.pop(); component !== undefined; component = queue.pop()) {
    const [unit] = component.units as readonly [Unit]
    try {
      for (const one of component.units) visit(one)
      if (component.cyclic) group(component)
      else changed(component, unit, plain(unit), undefined)
    } catch (error) {
      if (!(error instanceof SxError)) throw error
      fail(named(error, component))
      for (const one of component.units) if (one.link === undefined) assign(one, new Link(nowhere), undefined)
    }
  }
}

const named = (error: SxError, component: Component): SxError => {
  const [first] = component.units as readonly [Unit]
  if (component.units.length === 1)
    return placed(
      new SxError(error.code, `${first.name}: ${error.message}`, error.detail, error.cause),
      first,
    )
  const names = component.units.map(unit => unit.name).sort(compareCodePoints)
  const shown = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names
  return placed(
    new SxError(
      error.code,
      `the cycle of ${shown.join(', ')}: ${error.message}`,
      { ...error.detail, cycle: names },
      error.cause,
    ),
    first,
  )
}
