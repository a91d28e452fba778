// Strongly connected components of a graph in typed arrays: Tarjan 1972, without recursion.

/** Edges of vertex v are `targets[offsets[v]] … targets[offsets[v + 1] - 1]`. */
export interface Edges {
  readonly offsets: Uint32Array
  readonly targets: Uint32Array
}

export interface Components {
  readonly count: number
  /** component of each vertex, numbered so that an edge between two components leads to the lower number */
  readonly of: Uint32Array
}

/** In O(vertices + edges) time, with no stack that an adversary could overflow. */
export const stronglyConnected = ({ offsets, targets }: Edges): Components => {
  const size = offsets.length - 1
  const unseen = 0
  /** order of discovery, from 1 */
  const found = new Uint32Array(size)
  const low = new Uint32Array(size)
  const of = new Uint32Array(size).fill(0xffffffff)
  const next = new Uint32Array(size)
  const path = new Uint32Array(size)
  const open = new Uint32Array(size)
  let opened = 0
  let clock = 0
  let count = 0
  for (let root = 0; root < size; root++) {
    if (found[root] !== unseen) continue
    let depth = 0
    path[0] = root
    open[opened++] = root
    found[root] = low[root] = ++clock
    next[root] = offsets[root] as number
    while (depth >= 0) {
      const at = path[depth] as number
      if ((next[at] as number) < (offsets[at + 1] as number)) {
        const to = targets[next[at]!++] as number
        if (found[to] === unseen) {
          path[++depth] = to
          open[opened++] = to
          found[to] = low[to] = ++clock
          next[to] = offsets[to] as number
        } else if (of[to] === 0xffffffff && (found[to] as number) < (low[at] as number))
          low[at] = found[to] as number
        continue
      }
      if (low[at] === found[at]) {
        let member: number
        do {
          member = open[--opened] as number
          of[member] = count
        } while (member !== at)
        count++
      }
      if (--depth >= 0) {
        const parent = path[depth] as number
        if ((low[at] as number) < (low[parent] as number)) low[parent] = low[at] as number
      }
    }
  }
  return { count, of }
}

/** Edge lists as typed arrays. */
export const edgesOf = (size: number, each: (vertex: number) => Iterable<number>): Edges => {
  const offsets = new Uint32Array(size + 1)
  let targets = new Uint32Array(Math.max(16, size * 4))
  let at = 0
  for (let v = 0; v < size; v++) {
    for (const to of each(v)) {
      if (at === targets.length) {
        const wider = new Uint32Array(at * 2)
        wider.set(targets)
        targets = wider
      }
      targets[at++] = to
    }
    offsets[v + 1] = at
  }
  return { offsets, targets: targets.subarray(0, at) }
}
