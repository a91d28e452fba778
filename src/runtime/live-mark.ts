// Taking a living document back to where it was: what was rendered since is offered to what is rendered instead, and goes
// if that has no use for it.
import type { LiveSink } from './live-sink.ts'
import { now } from './signal.ts'

/** Notes where the sink is; what it gives takes it back there, and ends what was made since. */
export const markLive = (sink: LiveSink): (() => void) => {
  const { at, upcoming, end, here, last, side, written } = sink
  const stack = [...sink.stack]
  const pieces = sink.pieces.map(piece => [piece, piece.text] as const)
  // Nodes before this one stay; it may be absent.
  const before = upcoming ? upcoming.previousSibling : at.lastChild
  const { reader, owner } = now
  const owned = new Set(owner?.owned)
  return () => {
    for (const one of [...(owner?.owned ?? [])]) if (!owned.has(one)) one.end()
    Object.assign(now, { reader, owner })
    for (const [piece, text] of pieces) Object.assign(piece, { text, node: undefined, run: undefined })
    sink.stack.splice(0, sink.stack.length, ...stack)
    if (last) last[side] = undefined
    Object.assign(sink, {
      at,
      upcoming: before ? before.nextSibling : at.firstChild,
      end,
      here,
      last,
      side,
      written,
      pieces: pieces.map(([piece]) => piece),
    })
  }
}
