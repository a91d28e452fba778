// The tier that survives a visit: one IndexedDB database, one record per pack or block. It may be absent, denied, full,
// blocked, cleared at any moment or written by anybody of this origin; each of these makes it an empty tier, never an error.
import type { Tier } from './tier.ts'

const DATABASE = 'sx'
const STORE = 'blocks'
/** Milliseconds after which a database that says nothing has nothing. */
const PATIENCE = 1000

/** When more records than this have gathered, all go: old releases are never asked for again. */
const RECORD_LIMIT = 10_000

/** `factory` is a function because reading `globalThis.indexedDB` throws where storage is denied. */
export function createIndexedDbTier(factory: () => IDBFactory | undefined): Tier {
  const opened = new Promise<IDBDatabase | undefined>(resolve => {
    setTimeout(resolve, PATIENCE, undefined)
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

  /** The result of a request, or undefined: the database is not there, closed meanwhile, full, or refuses. */
  const ask = <T>(
    mode: IDBTransactionMode,
    request: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> =>
    opened
      .then(
        database =>
          database &&
          new Promise<T | undefined>(resolve => {
            const transaction = database.transaction(STORE, mode, { durability: 'relaxed' })
            setTimeout(resolve, PATIENCE, undefined)
            const asked = request(transaction.objectStore(STORE))
            asked.onsuccess = () => resolve(asked.result)
            transaction.onabort = () => resolve(undefined)
          }),
      )
      .catch(() => undefined)

  return {
    name: 'indexeddb',
    get: cid => ask('readonly', store => store.get(cid)),
    async put(cid, bytes) {
      const count = await ask('readwrite', store => {
        store.put(bytes, cid)
        return store.count()
      })
      if (count! > RECORD_LIMIT) await ask('readwrite', store => store.clear())
    },
  }
}
