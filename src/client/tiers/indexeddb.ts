// The tier that survives a visit: one IndexedDB database, one record per block. It may be absent, denied, full, blocked,
// cleared at any moment or written by anybody of this origin; each of these makes it an empty tier, never an error.
import type { Tier } from './tier.ts'

type Bytes = Uint8Array<ArrayBuffer>

const DATABASE = 'sx'
const STORE = 'blocks'

/** When more records than this have gathered, all go: old releases are never asked for again. */
const RECORD_LIMIT = 50_000

/** `factory` is a function because reading `globalThis.indexedDB` throws where storage is denied. */
export function createIndexedDbTier(factory: () => IDBFactory | undefined): Tier {
  const opened = new Promise<IDBDatabase | undefined>(resolve => {
    try {
      const request = factory()!.open(DATABASE, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onerror = request.onblocked = () => resolve(undefined)
      request.onsuccess = () => {
        const database = request.result
        // Another tab wants to delete or upgrade it: let go, or it waits for ever.
        database.onversionchange = () => database.close()
        resolve(database)
      }
    } catch {
      resolve(undefined)
    }
  })

  /** Runs `use` in one transaction. undefined when the database is not there or closed meanwhile. */
  const store = async (mode: IDBTransactionMode, use: (store: IDBObjectStore) => void): Promise<void> => {
    const database = await opened
    const transaction = database?.transaction(STORE, mode, { durability: 'relaxed' })
    if (transaction) {
      transaction.onabort = transaction.onerror = event => event.preventDefault()
      use(transaction.objectStore(STORE))
    }
  }

  // Gets and puts of the same moment share a transaction: a page's hundreds of blocks cost two, not hundreds.
  let wanted: [cid: string, answer: (value: Bytes | undefined) => void][] | undefined
  let kept: Map<string, Bytes> | undefined

  return {
    name: 'indexeddb',
    get: cid =>
      new Promise(resolve => {
        if (!wanted) {
          const batch: [cid: string, answer: (value: Bytes | undefined) => void][] = []
          wanted = batch
          const none = (): void => {
            for (const [, answer] of batch) answer(undefined)
          }
          void opened.then(database => {
            wanted = undefined
            if (!database) return none()
            return store('readonly', blocks => {
              for (const [key, answer] of batch) {
                const request = blocks.get(key)
                request.onsuccess = () => answer(request.result)
                request.onerror = () => answer(undefined)
              }
            }).catch(none)
          })
        }
        wanted.push([cid, resolve])
      }),
    put(cid, bytes) {
      if (!kept) {
        const batch = new Map<string, Bytes>()
        kept = batch
        setTimeout(() => {
          kept = undefined
          store('readwrite', blocks => {
            for (const [key, value] of batch) blocks.put(value, key)
            const count = blocks.count()
            count.onsuccess = () => {
              if (count.result > RECORD_LIMIT) blocks.clear()
            }
          }).catch(() => undefined)
        }, 50)
      }
      kept.set(cid, bytes)
    },
  }
}
