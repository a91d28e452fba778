// The machine: code, environment and a linked continuation. It goes on for as long as it is let, to any depth that the
// limits allow, and stops in the middle when a definition has to be fetched first.
import type { Cell } from './cell.ts'
import { type Code, code, constant, type Env, levelOf } from './code.ts'
import type { Compiler } from './compile.ts'
import type { Host } from './host-io.ts'
import type { Sink } from './sink.ts'
import { exceeded } from './values.ts'

/** "Go on at m.code in m.env": what a step gives instead of a value. */
export const GO: unique symbol = Symbol('go')
/** What `run` gives when it stopped before the end: see `Machine.waiting`. */
export const PAUSED: unique symbol = Symbol('paused')

export type Resume = (v: unknown, k: Frame, m: Machine) => unknown

/** What is left to do with a value. Frames are never changed, so a continuation is a pointer. */
export class Frame {
  readonly r: Resume
  readonly e: Env
  readonly x: unknown
  readonly y: number
  readonly n: Frame | undefined
  readonly d: number
  constructor(r: Resume, e: Env, x: unknown, y: number, n: Frame | undefined) {
    this.r = r
    this.e = e
    this.x = x
    this.y = y
    this.n = n
    this.d = n === undefined ? 1 : n.d + 1
  }
}

/** Takes what a step threw: goes on (a value or GO), or throws. */
export type OnRaise = (m: Machine, error: unknown) => unknown

/** Thrown by level 1 code: this cell has no value yet. */
export class Need {
  readonly cell: Cell
  constructor(cell: Cell) {
    this.cell = cell
  }
}

/** A host that was asked (host-io.ts). `done` never rejects. */
export interface Asked {
  readonly word: string
  readonly done: Promise<void>
}

/** Thrown by a step that can't go on before this block is loaded, or this answer there; the step is run again then. */
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
  /** UTF-16 units of markup, of one string; items of one list made by a primitive */
  readonly output: number
  /** milliseconds of running, not counting waits for definitions; needs `now` */
  readonly time: number
}

export const defaultLimits: Limits = { steps: 50_000_000, depth: 1_000_000, output: 16_777_216, time: 10_000 }

export interface HeadElement {
  readonly tag: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly text: string
}

const again: Resume = (_v, k, m) => {
  m.code = k.x as Code
  m.env = k.e
  return GO
}

export class Machine {
  code!: Code
  env!: Env
  k: Frame | undefined = undefined
  steps = 0
  /** where to look up next */
  private check = 0
  slice = 0
  /** the block that has to be loaded, or the answer that has to come, before the machine can go on */
  waiting: string | Asked | undefined = undefined
  host: Host | undefined = undefined
  /** of the core whose machine this is: for what is known when it runs only */
  compiler!: Compiler
  /** a continuation was captured: frames may be resumed more than once */
  multi = false
  sink!: Sink
  ns = ''
  url: ((value: string) => string) | undefined = undefined
  readonly head: HeadElement[] = []
  readonly islands: string[] = []
  readonly limits: Limits
  /** how deep machines run inside primitives of machines */
  nested = 0
  readonly onRaise: OnRaise

  constructor(limits: Limits, onRaise: OnRaise) {
    this.limits = limits
    this.onRaise = onRaise
  }

  push(r: Resume, e: Env, x?: unknown, y = 0): void {
    const frame = new Frame(r, e, x, y, this.k)
    if (frame.d > this.limits.depth) exceeded('depth', this.limits.depth)
    this.k = frame
  }

  go(c: Code, e: Env): typeof GO {
    this.code = c
    this.env = e
    return GO
  }

  /** Looks up: are the limits kept? */
  tick(): void {
    const { steps, output } = this.limits
    if (this.steps > steps) exceeded('steps', steps)
    if (this.sink && this.sink.size() > output) exceeded('output', output)
    this.check = Math.min(this.steps + 1000, steps)
  }

  /** Goes on until there is a value, a block has to be loaded, or `slice` steps are done. Starts with what `go` set. */
  run(slice: number = 1 / 0, v: unknown = GO, end?: Frame): unknown {
    this.waiting = undefined
    this.slice = this.steps + slice
    this.check = 0
    let k = this.k
    let step = true
    for (;;) {
      try {
        for (;;) {
          k = this.k
          if (v === GO) {
            step = true
            if (++this.steps > this.check) {
              this.tick()
              if (this.steps > this.slice) return PAUSED
            }
            v = this.code(this.env, this)
          } else {
            if (k === end) {
              step = true
              this.tick()
              return v
            }
            step = false
            this.k = k!.n
            v = k!.r(v, k!, this)
          }
        }
      } catch (error) {
        if (error instanceof Need || error instanceof Wait) {
          // The step changed nothing but the continuation: take that back, and do the step again afterwards.
          this.k = step ? k : k!.n
          const value = v
          const frame = k!
          if (!step)
            this.go(
              code(2, () => frame.r(value, frame, this)),
              frame.e,
            )
          v = GO
          if (error instanceof Need) {
            this.push(again, this.env, this.code)
            error.cell.enter(this)
          } else {
            this.waiting = error.cid
            return PAUSED
          }
        } else {
          if (!step) this.env = k!.e
          v = this.onRaise(this, error)
        }
      }
    }
  }
}

/** Runs `c`, then `use` with its value. */
export const bind = (
  c: Code,
  use: (v: unknown, env: Env, m: Machine) => unknown,
  level: 0 | 1 | 2 = 2,
): Code => {
  if (c.level !== 2) return code(Math.max(level, c.level!) as 2, (env, m) => use(c(env, m), env, m))
  const r: Resume = (v, k, m) => use(v, k.e, m)
  return code(2, (env, m) => {
    m.push(r, env)
    return c(env, m)
  })
}

/** Runs all in order, then `use` with the list of values (a new one each time, which `use` may keep). */
export const bindAll = (
  codes: readonly Code[],
  use: (vs: unknown[], env: Env, m: Machine) => unknown,
  level: 0 | 1 | 2 = 2,
): Code => {
  const n = codes.length
  const from = (vs: unknown[], env: Env, m: Machine): unknown => {
    for (let i = vs.length; i < n; i++) {
      const c = codes[i]!
      if (c.level === 2) {
        m.push(r, env, vs, i)
        return c(env, m)
      }
      vs.push(c(env, m))
    }
    return use(vs, env, m)
  }
  // A frame may be resumed more than once, so that it keeps its values to itself.
  const r: Resume = (v, k, m) => {
    const vs = (k.x as unknown[]).slice(0, k.y)
    vs.push(v)
    return from(vs, k.e, m)
  }
  return code(Math.max(level, levelOf(codes)) as 2, (env, m) => from([], env, m))
}

/** One after the other; the last one's value, or all of them as markup. */
export const sequence = (codes: readonly Code[]): Code => {
  const n = codes.length
  if (n < 2) return codes[0] ?? constant(null)
  const from = (i: number, env: Env, m: Machine): unknown => {
    for (; ; i++) {
      const c = codes[i]!
      if (i + 1 < n) m.push(r, env, undefined, i + 1)
      // What came before may have changed something: what could need a definition is a step of its own.
      const v = c.level ? m.go(c, env) : c(env, m)
      if (v === GO || i + 1 === n) return v
      m.k = m.k!.n
    }
  }
  const r: Resume = (_v, k, m) => from(k.y, k.e, m)
  return code(levelOf(codes) && 2, (env, m) => from(0, env, m))
}
