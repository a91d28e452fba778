// What is pinned told to the DHT: each root once it is there, renewed while it is, and no longer.
import { CID } from 'multiformats/cid'
import type { PeerNode } from '../store/peer-node.ts'

/** Milliseconds for one root: a walk through a large DHT takes up to a minute. */
const WALK = 120_000
/** Milliseconds until pins are looked at again; sooner while nobody took a root. */
const EVERY = 60_000
const SOON = 2000
/** So many rounds in which one was left over before it is a warning. */
const PATIENCE = 5

/**
 * Announces `roots()` now and whenever there are others, one after the other; `heard` gets those that peers took,
 * `warn` once how many nobody takes. Ends when `stop` is called.
 */
export function announceRoots(
  node: Pick<PeerNode, 'announce' | 'withdraw'>,
  roots: () => ReadonlySet<string>,
  heard: (root: string, peers: number) => void,
  warn: (message: string) => void,
): { stop(): void } {
  const ended = new AbortController()
  const told = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let inVain = 0
  const round = async (): Promise<void> => {
    const wanted = roots()
    let untaken = 0
    for (const root of wanted) {
      if (told.has(root)) continue
      const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(WALK)])
      // a walk that fails is one in which nobody took it
      const took = await node.announce(CID.parse(root), signal).catch(() => 0)
      if (ended.signal.aborted) return
      if (took === 0) {
        untaken++
        continue
      }
      told.add(root)
      heard(root, took)
    }
    for (const root of told)
      if (!wanted.has(root)) {
        told.delete(root)
        await node.withdraw(CID.parse(root))
      }
    inVain = untaken === 0 ? 0 : inVain + 1
    if (inVain === PATIENCE)
      warn(
        `nobody in the DHT takes ${untaken} of ${wanted.size} roots: is a peer of --p2p-peer in it? It is tried again`,
      )
    if (ended.signal.aborted) return
    timer = setTimeout(go, untaken === 0 || inVain > PATIENCE ? EVERY : SOON)
  }
  const go = (): void => {
    round().catch(error => {
      if (ended.signal.aborted) return
      warn(`announcing failed: ${(error as Error).message}`)
      timer = setTimeout(go, EVERY)
    })
  }
  go()
  return {
    stop: () => {
      ended.abort()
      clearTimeout(timer)
    },
  }
}
