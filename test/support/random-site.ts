// Random sites as data, written down as text in many ways: what identity may and may not depend on.
import fc from 'fast-check'

/** Look-alikes on purpose: few shapes, so that equal definitions and tangled cycles are common. */
export interface Vertex {
  readonly shape: number
  readonly to: readonly number[]
}

export const vertices = (most: number): fc.Arbitrary<readonly Vertex[]> =>
  fc.integer({ min: 1, max: most }).chain(size =>
    fc.array(fc.record({ shape: fc.nat(2), to: fc.array(fc.nat(size - 1), { maxLength: 3 }) }), {
      minLength: size,
      maxLength: size,
    }),
  )

/** How a site is written down. */
export interface Writing {
  /** order of the definitions */
  readonly order: readonly number[]
  /** vertex → number in its name */
  readonly names: readonly number[]
  /** vertex → file */
  readonly files: readonly number[]
  readonly spaces: readonly number[]
  readonly comments: readonly boolean[]
}

export const writing = (size: number): fc.Arbitrary<Writing> => {
  const all = Array.from({ length: size }, (_, i) => i)
  const each = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: size, maxLength: size })
  const shuffled = fc.shuffledSubarray(all, { minLength: size, maxLength: size })
  return fc.record({
    order: shuffled,
    names: shuffled,
    files: each(fc.nat(2)),
    spaces: each(fc.nat(3)),
    comments: each(fc.boolean()),
  })
}

const space = [' ', '\n  ', '  \t', ' ; why\n']

export const nameOf = (vertex: number, { names }: Writing): string =>
  `${(names[vertex] as number) % 2 === 0 ? '~part/' : 'fn-'}${names[vertex]}`

/** Each vertex is one definition that calls what it refers to. */
export const write = (graph: readonly Vertex[], how: Writing): Record<string, string> => {
  const files: Record<string, string> = {}
  for (const vertex of how.order) {
    const { shape, to } = graph[vertex] as Vertex
    const gap = space[how.spaces[vertex] as number] as string
    const calls = to.map(one => `(${nameOf(one, how)}${gap}n)`).join(gap)
    const [open, close] = shape === 1 ? ['[', ']'] : ['(', ')']
    const text = `(define${gap}${nameOf(vertex, how)}${gap}(fn ${open}n${close}${gap}(list ${shape} ${calls})))`
    const file = `${['a', 'b/c', '_d/e'][how.files[vertex] as number]}.sx`
    files[file] = `${files[file] ?? ''}${how.comments[vertex] ? '\n; a comment\n' : ''}${text}\n`
  }
  return files
}

/**
 * Numbers of the coarsest classes of what unfolds to the same infinite form, where a reference that leaves its cycle is
 * not followed but told apart by `outside`.
 */
export const unfoldings = (graph: readonly Vertex[], outside: (vertex: number) => string): number[] => {
  const number = (keys: readonly string[]): number[] => {
    const known = new Map<string, number>()
    return keys.map(key => {
      if (!known.has(key)) known.set(key, known.size)
      return known.get(key) as number
    })
  }
  const reached = graph.map((_, v) => reach(graph, v))
  const together = (a: number, b: number): boolean =>
    (reached[a] as Set<number>).has(b) && (reached[b] as Set<number>).has(a)
  let classes = number(graph.map(({ shape, to }) => `${shape} ${to.length}`))
  for (let i = 0; i <= graph.length; i++)
    classes = number(
      graph.map(
        ({ to }, v) => `${classes[v]}[${to.map(t => (together(v, t) ? classes[t] : outside(t))).join()}]`,
      ),
    )
  return classes
}

export const reach = (graph: readonly Vertex[], from: number): Set<number> => {
  const seen = new Set([from])
  for (const one of seen) for (const to of (graph[one] as Vertex).to) seen.add(to)
  return seen
}
