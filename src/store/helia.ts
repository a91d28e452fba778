// Helia over our store, loaded only when asked for: it takes seconds and more memory than all the rest.
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import type { LocalStore } from './sqlite.ts'

/**
 * A started Helia node on the store's blocks, records and pins; no network, nothing listens. `stop()` it; the store
 * stays open. Its `pins.add` and `pins.rm` visit each block once (alone, Helia 7.1.15 visits each path: exponential
 * when definitions share definitions), and one of our own roots is unpinned without a walk.
 */
export async function createNode(
  store: Pick<LocalStore, 'blocks' | 'records' | 'roots' | 'release'>,
): Promise<Helia> {
  const [{ createHeliaLight }, dagCbor, { asBlockstore }, { asDatastore }] = await Promise.all([
    import('helia'),
    import('@ipld/dag-cbor'),
    import('./as-blockstore.ts'),
    import('./as-datastore.ts'),
  ])
  const helia = createHeliaLight({
    blockstore: asBlockstore(store),
    datastore: asDatastore(store),
    codecs: [dagCbor],
    blockBrokers: [],
  })
  const { pins } = helia
  const [add, rm] = [pins.add.bind(pins), pins.rm.bind(pins)]
  pins.add = (cid, options = {}) =>
    add(cid, {
      ...(options.depth === undefined || options.depth === Number.POSITIVE_INFINITY ? onceEach(cid) : {}),
      ...options,
    })
  pins.rm = async function* (cid, options = {}) {
    const own = store.roots().some(record => record.root === cid.toString())
    if (own) store.release(cid.toString())
    if (own && !(await isRecorded(cid))) {
      yield cid
      return
    }
    const { depth } = await pins.get(cid)
    yield* rm(cid, { ...(depth === Number.POSITIVE_INFINITY ? onceEach(cid) : {}), ...options })
  }
  const isRecorded = (cid: CID): Promise<boolean> =>
    pins.get(cid).then(
      () => true,
      () => false,
    )
  await helia.start()
  return helia
}

/** Options for Helia's walkers that leave out what was walked already. */
function onceEach(root: CID): { includeChild(child: CID): boolean } {
  const visited = new Set([root.toString()])
  return {
    includeChild: child => {
      const text = child.toString()
      if (visited.has(text)) return false
      visited.add(text)
      return true
    },
  }
}
