// Calls of functions with simple arguments.
import { type Code, code, type Env } from './code.ts'
import { type Leaf, leafOf } from './fast-leaf.ts'
import { type Machine, now } from './machine.ts'
import { Fn } from './values.ts'

/** What a call can know before it runs. `c`: the same call as the tree makes it, whatever it calls. */
class Call {
  /** what the definition is, once it is a function that takes so many arguments */
  private known: Fn | undefined = undefined
  private readonly cell: { readonly v: unknown } | undefined
  private readonly head: Leaf
  private readonly args: readonly Leaf[]
  private readonly n: number
  private readonly a: Leaf
  private readonly b: Leaf
  private readonly c: Code
  private readonly whole: Code
  /** one argument or two, and neither holds the environment */
  private readonly lets: boolean

  constructor(head: Code, args: readonly Leaf[], c: Code) {
    this.cell = head.cell
    this.head = leafOf(head)
    this.args = args
    this.n = args.length
    this.a = args[0]!
    this.b = args[1]!
    this.c = c
    this.whole = now(c)
    this.lets = (this.n === 1 || this.n === 2) && args.every(leaf => leaf.lets)
  }

  private find(env: Env, m: Machine, d: number): Fn | undefined {
    const { cell } = this
    const f = cell ? cell.v : this.head.get(env, m, d)
    if (!(f instanceof Fn && f.s.n === this.n)) return undefined
    // A definition's value stays what it is; another function's environment would be kept from the collector.
    if (cell) this.known = f
    return f
  }

  private bind(f: Fn, env: Env, m: Machine, d: number): Env {
    const { n } = this
    return n === 1
      ? [f.e, this.a.get(env, m, d)]
      : n === 2
        ? [f.e, this.a.get(env, m, d), this.b.get(env, m, d)]
        : [f.e, ...this.args.map(leaf => leaf.get(env, m, d))]
  }

  /** As the last thing that its caller does. */
  tail(env: Env, m: Machine, d: number): unknown {
    const f = this.known ?? this.find(env, m, d)
    return f === undefined ? this.c(env, m, d) : m.go(f.s.code, this.bind(f, env, m, d))
  }

  /** For a caller that has more to do: see `now`. */
  now(env: Env, m: Machine, d: number): unknown {
    const f = this.known ?? this.find(env, m, d)
    if (f === undefined) return this.whole(env, m, d)
    const e = this.bind(f, env, m, d)
    if (++m.steps > m.check) m.tick()
    const { code } = f.s
    if (d > m.top) m.step(code, e)
    else {
      const v = m.turn(code, e, env, d)
      if (typeof v !== 'symbol') return v
    }
    return m.finish(env, d)
  }

  /**
   * The environment of the next turn, if this calls the function whose body is `c`. `free`: nothing else holds that of this
   * turn, which is used again.
   */
  again(c: Code, free: boolean, env: Env, m: Machine, d: number): Env | undefined {
    const f = this.known ?? this.find(env, m, d)
    if (f?.s.code !== c) return undefined
    if (!(free && this.lets && f.e === env[0])) return this.bind(f, env, m, d)
    const x = this.a.get(env, m, d)
    if (this.n === 2) env[2] = this.b.get(env, m, d)
    env[1] = x
    return env
  }
}

const calls = new WeakMap<Code, Call>()

/** The call that `c` is, if it is one of these. */
export const callOf = (c: Code): Call | undefined => calls.get(c)

export const fastCall = (head: Code, args: readonly Code[], c: Code): Code => {
  const call = new Call(head, args.map(leafOf), c)
  const made = code(2, (env, m, d) => call.tail(env, m, d))
  made.now = (env, m, d) => call.now(env, m, d)
  calls.set(made, call)
  return made
}
