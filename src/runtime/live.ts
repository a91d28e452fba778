// What is alive in a document: islands, each of which ends and fails by itself, and what runs in them.
import { SxError } from '../errors.ts'
import { task } from './later.ts'
import type { Frame, Machine } from './machine.ts'
import { Owner } from './signal.ts'

/** What a living document needs of whoever brought it to life. */
export interface Live {
  /** loads what a paused machine waits for */
  load(m: Machine): Promise<void>
  /** an error in an island; `stopped`: it does nothing any more */
  failed(element: Element, error: unknown, stopped: boolean): void
}

/** One island. All that it made belongs to it. */
export class Island extends Owner {
  readonly element: Element
  private readonly onEnd: (() => void) | undefined
  constructor(element: Element, owner?: Owner, onEnd?: () => void) {
    super()
    this.element = element
    this.onEnd = onEnd
    this.belong(owner)
  }

  override end(): void {
    super.end()
    this.onEnd?.()
  }
}

const islandOf = (owner: Owner | undefined): Island => {
  while (!(owner instanceof Island)) owner = owner!.owner
  return owner
}

/** Where something stands that runs later: what it finds there, and whose it is. */
export interface Place {
  readonly m: Machine
  readonly k: Frame | undefined
  readonly owner: Owner | undefined
}

/** An error at `place`. What leaves the document wrong (`breaks`), and what has no end, stops the island. */
export const failAt = ({ m, owner }: Place, breaks: boolean, error: unknown): void => {
  const island = islandOf(owner)
  const stops =
    breaks || error instanceof RangeError || (error instanceof SxError && error.code === 'eval-limit')
  if (stops) island.end()
  m.shared.live!.failed(island.element, error, stops)
}

/** Does `step` as if at `place`; what it reads and makes is `owner`'s, with whom it ends: by default the island's. */
export const runAt = (
  place: Place,
  breaks: boolean,
  step: (m: Machine, d: number) => unknown,
  done: (v: unknown, m: Machine) => void = () => {},
  owner: Owner = islandOf(place.owner),
): void => {
  const island = islandOf(owner)
  task(place.m.fork(place.k), owner, step, done, error => failAt({ ...place, owner: island }, breaks, error))
}
