// Components of other publishers: each call runs in a machine of its own, with the rights that the table in rights.ts
// gives, and what it writes lands inside one element that it can't get out of.
//
// Its own machine is what keeps it pure: it has no host to ask, no dynamic scope, handlers or continuations of the page,
// and no head to put anything into. What it writes is kept until it has come to its end, so that half of it is never
// shown. Waiting for a definition takes the call back; it is then made again, and can't tell.
import { SxError } from '../errors.ts'
import type { Trust } from '../ipld/trust.ts'
import { code, type Env } from './code.ts'
import type { Extension } from './form.ts'
import { type Machine, PAUSED, Wait } from './machine.ts'
import { allowedAttribute, policy, type Rights } from './rights.ts'
import type { Attribute, Sink } from './sink.ts'
import { Component, fail } from './values.ts'

interface Contained extends Sink {
  /** does to a sink what was done to this one */
  replay(into: Sink): void
  /** what was left out, each once: `<form>`, `onclick` */
  readonly left: ReadonlySet<string>
}

const contained = (rights: Rights): Contained => {
  const calls: ((into: Sink) => void)[] = []
  const left = new Set<string>()
  let size = 0
  /** open elements that are left out: what they hold is left out with them */
  let out = 0
  const write = (length: number, call: (into: Sink) => void): void => {
    if (out > 0) return
    size += length
    calls.push(call)
  }
  const allowed = (tag: string, attributes: readonly Attribute[]): readonly Attribute[] => {
    const kept: Attribute[] = []
    for (const [name, value] of attributes) {
      const may = allowedAttribute(name, value)
      if (may === undefined) left.add(name)
      else if (may !== '' || value === '') kept.push([name, may])
    }
    // Whoever follows it learns nothing of the page, and no search engine takes it for the page's own word.
    if (tag === 'a') kept.push(['rel', 'nofollow noopener noreferrer ugc'])
    return kept
  }
  return {
    open(tag, attributes, ns) {
      if (out > 0 || !rights.tags.has(tag)) {
        if (out === 0) left.add(`<${tag}>`)
        out++
        return
      }
      const kept = allowed(tag, attributes)
      write(tag.length + kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0), into =>
        into.open(tag, kept, ns),
      )
    },
    close(tag, ns) {
      if (out > 0) out--
      else write(0, into => into.close(tag, ns))
    },
    // What it shows first is all that it shows.
    island(_f, m) {
      this.open('span', [], m.ns)
    },
    text: text => write(text.length, into => into.text(text)),
    raw: () => fail('content of another publisher writes no HTML of its own: raw!'),
    // Of script and style elements, which are left out.
    data: () => {},
    mark() {
      const was = { written: calls.length, size, out }
      return () => {
        calls.length = was.written
        size = was.size
        out = was.out
      }
    },
    size: () => size + out,
    replay: into => {
      for (const call of calls) call(into)
    },
    left,
  }
}

/** Inside one another: nothing more is gained by a second wall. */
const inside = new WeakSet<Machine>()

/**
 * `trust`: id of a definition (a CID, or `<group CID>#<index>`) → how far its publisher is trusted; undefined: it is the
 * site's own. `leftOut` hears what was not written.
 */
export const foreignComponents = (
  trust: (id: string) => Trust | undefined,
  leftOut?: (id: string, what: ReadonlySet<string>) => void,
): Extension => ({
  contain(f, make) {
    const tier = trust(f.id)
    if (tier === undefined) return f
    const rights = policy[tier]
    const show = (env: Env, m: Machine): unknown => {
      const sink = contained(rights)
      const { steps, depth, output } = m.limits
      const own = make({
        ...m.limits,
        steps: Math.min(steps, rights.steps),
        depth: Math.min(depth, 10_000),
        output: Math.min(output, rights.output),
      })
      inside.add(own)
      own.sink = sink
      own.ns = m.ns
      own.url = m.url
      own.step(f.code, env)
      try {
        if (own.run() === PAUSED) {
          if (typeof own.waiting === 'object') fail(`it asks the page's host: ${own.waiting.word}`)
          throw new Wait(own.waiting!)
        }
      } catch (error) {
        if (error instanceof Wait) throw error
        throw new SxError(
          'foreign-failed',
          `the component @h:${f.id} of another publisher failed: ${(error as Error).message}`,
          { cid: f.id, ...(error instanceof SxError && { reason: error.code }) },
          error,
        )
      }
      m.steps += own.steps
      if (sink.left.size > 0) leftOut?.(f.id, sink.left)
      const tag = m.ns === 'svg' ? 'g' : 'span'
      m.sink.open(
        tag,
        [
          ['data-sx-foreign', f.id],
          // Nothing in it is painted, placed or fixed outside of it.
          ['style', 'display:block;contain:content'],
        ],
        m.ns,
      )
      sink.replay(m.sink)
      m.sink.close(tag, m.ns)
      return undefined
    }
    return new Component(
      f.id,
      // What it shows first is all that it shows: no code of others answers a reader's clicks.
      false,
      f.p,
      code(2, (env, m) => (inside.has(m) ? m.go(f.code, env) : m.step(show, env))),
      f.env,
    )
  },
})
