// The machine: code, environment and a linked continuation. It goes on for as long as it is let, to any depth that the
// limits allow, and stops in the middle when a definition has to be fetched first.
import { type Code, code, constant, type Env, levelOf } from './code.ts'
import type { Compiler } from './compile.ts'
import type { Host } from './host-io.ts'
import type { Live } from './live.ts'
import type { Signal } from './signal.ts'
import type { Sink } from './sink.ts'
import { exceeded, memory } from './values.ts'

/** "Go on at m.code in m.env": what a step gives instead of a value. */
export const GO: unique symbol = Symbol('go')
/** What `run` gives when it stopped before the end: see `Machine.waiting`. */
export const PAUSED: unique symbol = Symbol('paused')

/** `d`: how many frames are pending below. */
export type Resume = (v: unknown, k: Frame, m: Machine, d: number) => unknown

/** What is left to do with a value. In a continuation frames are never changed, so that it is a pointer. */
export class Frame {
  readonly r: Resume
  readonly e: Env
  readonly x: unknown
  readonly y: number
  /** what is below, and how many frames that makes */
  n: Frame | undefined
  d = 0
  constructor(r: Resume, e: Env, x: unknown, y: number, n: Frame | undefined) {
    this.r = r
    this.e = e
    this.x = x
    this.y = y
    this.n = n
  }
}

/** Takes what a step threw: goes on (a value or GO), or throws. */
export type OnRaise = (m: Machine, error: unknown) => unknown

/** A host that was asked (host-io.ts). `done` never rejects. */
export interface Asked {
  readonly word: string
  readonly done: Promise<void>
}

/** Thrown by a step (and by nothing else) that can't go on before this block is loaded, or this answer there; the step is run again then. */
export class Wait {
  readonly cid: string | Asked
  constructor(cid: string | Asked) {
    this.cid = cid
  }
}

export interface Limits {
  /** calls and turns */
  readonly steps: number
  /** frames of the continuation */
  readonly depth: number
  /** frames on JavaScript's stack, before they go to the heap; with 0 the machine makes each call itself */
  readonly stack: number
  /** UTF-16 units of markup */
  readonly output: number
  /** lists, dicts, texts and functions made in all, in units of about eight bytes: see `spend` in values.ts */
  readonly memory: number
  /** milliseconds of running, not counting waits for definitions */
  readonly time: number
  /** the clock; with one that stands still there is no limit of time */
  readonly now: () => number
}

export const defaultLimits: Limits = {
  steps: 50_000_000,
  depth: 1_000_000,
  stack: 100,
  output: 16_777_216,
  memory: 134_217_728,
  time: 10_000,
  now: () => 0,
}

export interface HeadElement {
  readonly tag: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly text: string
}

/** `stores`: what use-store made. `live`: what islands work with, where the document lives. */
export interface Shared {
  stores?: Map<string, unknown>
  live?: Live
}

/** Marks where what another machine, or a primitive, does begins: no jump may cross it; dynamic scope is seen through it. */
export const bottom: Resume = v => v

export class Machine {
  code!: Code
  env!: Env
  k?: Frame | undefined
  steps = 0
  /** where to look up next */
  check!: number
  slice!: number
  /** so many frames may be pending where code on JavaScript's stack calls; −1: it gives way */
  top!: number
  /** what code that gave way has left to do: the outermost frame, and below it those further in */
  private saved?: Frame | undefined
  /** the block that has to be loaded, or the answer that has to come, before the machine can go on */
  waiting?: string | Asked | undefined
  host?: Host | undefined
  /** of the core whose machine this is: for what is known when it runs only */
  compiler!: Compiler
  /** a continuation was captured: frames may be resumed more than once */
  multi = false
  sink!: Sink
  ns = ''
  url?: ((value: string) => string) | undefined
  readonly head: HeadElement[] = []
  readonly islands: string[] = []
  readonly limits: Limits
  /** how deep machines run inside primitives of machines */
  nested = 0
  readonly onRaise: OnRaise
  private left: number
  /** milliseconds that are left, and when they are over, if it runs */
  private time: number
  private until?: number | undefined
  /** what all machines of a page have in common */
  shared: Shared = {}
  /** gets the signals that are made */
  made?: Signal[] | undefined

  constructor(limits: Limits, onRaise: OnRaise) {
    this.limits = limits
    this.onRaise = onRaise
    this.left = limits.memory
    this.time = limits.time
  }

  /** A machine of the same kind that runs when this one may be long done, in the dynamic scope of `k`. */
  fork(k: Frame | undefined = this.k, ns: string = this.ns): Machine {
    const { compiler, url, host, shared, nested } = this
    const m = new (this.constructor as typeof Machine)(this.limits, this.onRaise)
    m.k = k
    m.push(bottom, [null, ''])
    return Object.assign(m, { compiler, url, host, ns, shared, nested })
  }

  push(r: Resume, e: Env, x?: unknown, y = 0): void {
    this.save(r, e, x, y)
    this.link()
    if (this.k!.d > this.limits.depth) exceeded('depth', this.limits.depth)
  }

  /** A tail call: whoever gets GO goes on at `c`. */
  go(c: Code, e: Env): typeof GO {
    this.code = c
    this.env = e
    if (++this.steps > this.check) this.tick()
    return GO
  }

  /** `f` runs as a step, after all code on JavaScript's stack has given way. */
  step(f: Code, e: Env): typeof GO {
    this.code = f
    this.env = e
    this.top = -1
    return GO
  }

  /**
   * For a caller that has more to do, and got GO: goes on to the end, with `d` frames pending, the caller's included,
   * which stands in `env`. GO again: it isn't the end, and the caller gives way: it saves its frame and gives GO.
   */
  finish(env: Env, d: number): unknown {
    for (;;) {
      if (d > this.top) {
        if (d > this.limits.depth) exceeded('depth', this.limits.depth)
        this.top = -1
        return GO
      }
      const v = this.turn(this.code, this.env, env, d)
      if (v !== GO) return v
    }
  }

  /** Runs `c` in `e` on JavaScript's stack, above what stands in `env`. */
  turn(c: Code, e: Env, _env: Env, d: number): unknown {
    return c(e, this, d)
  }

  save(r: Resume, e: Env, x?: unknown, y = 0): typeof GO {
    this.saved = new Frame(r, e, x, y, this.saved)
    return GO
  }

  /** Puts what was saved onto the continuation. */
  private link(): void {
    let frame = this.saved
    this.saved = undefined
    while (frame) {
      const { k } = this
      this.k = frame
      frame = frame.n
      this.k.n = k
      this.k.d = k ? k.d + 1 : 1
    }
  }

  /** How many frames are pending; JavaScript's stack is as good as empty. */
  private begin(): number {
    const d = this.k ? this.k.d : 0
    this.top = Math.min(d + (this.limits.stack >> this.nested), this.limits.depth)
    return d
  }

  /** Looks up: are the limits kept? */
  tick(): void {
    const { steps, output, time, now } = this.limits
    if (this.steps > steps) exceeded('steps', steps)
    if (this.sink && this.sink.size() > output) exceeded('output', output)
    if (now() > this.until!) exceeded('milliseconds', time)
    this.check = Math.min(this.steps + 1000, steps)
    if (this.steps > this.slice) this.top = -1
  }

  /** Goes on until there is a value, a block has to be loaded, or `slice` steps are done. Starts with what `go` set. */
  run(slice: number = 1 / 0, v: unknown = GO, end?: Frame): unknown {
    // Inside a primitive of its own it runs already.
    if (this.until !== undefined) return this.loop(slice, v, end)
    const { now } = this.limits
    this.until = now() + this.time
    // One machine may run inside a step of another, and on its account where it is part of it.
    const others = memory.left
    if (!this.nested) memory.left = this.left
    try {
      return this.loop(slice, v, end)
    } finally {
      this.time = this.until - now()
      this.until = undefined
      if (!this.nested) {
        this.left = memory.left
        memory.left = others
      }
    }
  }

  private loop(slice: number, v: unknown, end: Frame | undefined): unknown {
    this.waiting = undefined
    this.slice = this.steps + slice
    this.check = 0
    for (;;) {
      let e = this.env
      try {
        for (;;) {
          if (v === GO) {
            this.link()
            if (this.steps > this.slice) return PAUSED
            e = this.env
            v = this.code(e, this, this.begin())
          } else {
            const k = this.k
            if (k === end) {
              this.tick()
              return v
            }
            this.k = k!.n
            e = k!.e
            v = k!.r(v, k!, this, this.begin())
          }
        }
      } catch (error) {
        if (error instanceof Wait) {
          // The step changed nothing: it is done again afterwards.
          this.waiting = error.cid
          return PAUSED
        }
        this.env = e
        v = this.onRaise(this, error)
      }
    }
  }
}

/** Code that runs to its end: a value, or GO where the caller gives way. `d` counts the caller's frame. */
export const now = (c: Code): Code =>
  c.level
    ? (c.now ??
      ((env, m, d) => {
        const v = c(env, m, d)
        return v === GO ? m.finish(env, d) : v
      }))
    : c

/** Runs `c`, then `use` with its value. */
export const bind = (
  c: Code,
  use: (v: unknown, env: Env, m: Machine, d: number) => unknown,
  level: 0 | 1 | 2 = 2,
): Code => {
  if (!c.level) return code(level, (env, m, d) => use(c(env, m, d), env, m, d))
  const r: Resume = (v, k, m, d) => use(v, k.e, m, d)
  const first = now(c)
  return code(Math.max(level, c.level) as 2, (env, m, d) => {
    const v = first(env, m, d + 1)
    return v === GO ? m.save(r, env) : use(v, env, m, d)
  })
}

export type Use = (vs: unknown[], env: Env, m: Machine, d: number) => unknown

/** Runs those that `vs` has no value of yet, then `use` with the list of values, which `use` may keep. */
export const collect = (codes: readonly Code[], use: Use): Use => {
  const n = codes.length
  const all = codes.map(now)
  // A frame may be resumed more than once, so that it keeps its values to itself.
  const r: Resume = (v, k, m, d) => from([...(k.x as unknown[]), v], k.e, m, d)
  const from: Use = (vs, env, m, d) => {
    for (let i = vs.length; i < n; i++) {
      const v = all[i]!(env, m, d + 1)
      if (v === GO) return m.save(r, env, vs)
      vs.push(v)
    }
    return use(vs, env, m, d)
  }
  return from
}

/** Runs all in order, then `use` with the list of values (a new one each time). */
export const bindAll = (codes: readonly Code[], use: Use, level: 0 | 1 | 2 = 2): Code => {
  const from = collect(codes, use)
  return code(Math.max(level, levelOf(codes)) as 2, (env, m, d) => from([], env, m, d))
}

/** One after the other; the last one's value, or all of them as markup. */
export const sequence = (codes: readonly Code[]): Code => {
  const last = codes.length - 1
  if (last < 1) return codes[0] ?? constant(null)
  const all = codes.map(now)
  const r: Resume = (_v, k, m, d) => from(k.y, k.e, m, d)
  const from = (i: number, env: Env, m: Machine, d: number): unknown => {
    for (; i < last; i++) if (all[i]!(env, m, d + 1) === GO) return m.save(r, env, undefined, i + 1)
    return codes[i]!(env, m, d)
  }
  // Above 1: it may change something.
  return code(levelOf(codes) && 2, (env, m, d) => from(0, env, m, d))
}
