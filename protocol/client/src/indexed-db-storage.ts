import { ChatError } from '@satchel/protocol'
import type { JsonValue } from '@satchel/protocol'
import type { OutboxStorage, StoredEntry } from './storage.ts'

export interface IndexedDbStorageOptions {
  /** Names the database. Users who share a browser may share it: each gets only their own back. */
  readonly name?: string | undefined
}

const STORE = 'entries'

/**
 * Keeps unanswered commands and unfinished uploads in the browser's IndexedDB. One tab owns them: the
 * first, and when it closes the next (through the Web Locks API; without it every tab takes itself for
 * the owner, which costs nothing but double sending of what the server then applies once).
 */
export function createIndexedDbStorage({
  name = 'satchel',
}: IndexedDbStorageOptions = {}): OutboxStorage {
  let database: Promise<Database> | undefined
  let release: () => void = () => undefined
  let isClosed = false

  const own = async (): Promise<Database> => {
    release = await takeLock(`satchel-storage:${name}`)
    if (isClosed) release()
    return await openDatabase(name)
  }
  const transact = async <Value>(
    mode: 'readonly' | 'readwrite',
    run: (store: Store) => StoreRequest<Value> | undefined,
  ): Promise<Value | undefined> => {
    const opened = await (database ??= own())
    return await inTransaction(opened, mode, run)
  }
  return {
    async acquire() {
      const entries = await transact('readonly', (store) => store.getAll())
      return entries ?? []
    },
    async put(entries) {
      await transact('readwrite', (store) => {
        for (const entry of entries) store.put(entry)
        return undefined
      })
    },
    async remove(keys) {
      await transact('readwrite', (store) => {
        for (const key of keys) store.delete(key)
        return undefined
      })
    },
    close() {
      isClosed = true
      release()
      database?.then(
        (opened) => {
          opened.close()
        },
        () => undefined,
      )
    },
  }
}

/** Resolves, once no other tab holds the lock, with what gives it back. */
function takeLock(name: string): Promise<() => void> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  if (locks === undefined) return Promise.resolve(() => undefined)
  return new Promise((resolve, reject) => {
    locks
      .request(
        name,
        () =>
          new Promise<void>((release) => {
            resolve(release)
          }),
      )
      .catch(reject)
  })
}

function openDatabase(name: string): Promise<Database> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'key' })
    }
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(storageError(request.error))
    }
  })
}

function inTransaction<Value>(
  database: Database,
  mode: 'readonly' | 'readwrite',
  run: (store: Store) => StoreRequest<Value> | undefined,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode)
    const request = run(transaction.objectStore(STORE))
    transaction.oncomplete = () => {
      resolve(request?.result)
    }
    transaction.onerror = transaction.onabort = () => {
      reject(storageError(transaction.error))
    }
  })
}

function storageError(cause: unknown): ChatError {
  return new ChatError('unavailable', 'the browser refuses its storage', { cause })
}

// The parts of IndexedDB and the Web Locks API that are used; Node's types know neither.
interface StoreRequest<Value> {
  readonly result: Value
  readonly error: unknown
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}
interface Store {
  getAll(): StoreRequest<readonly StoredEntry[]>
  put(entry: { readonly key: string; readonly value: JsonValue }): unknown
  delete(key: string): unknown
}
interface Transaction {
  readonly error: unknown
  oncomplete: (() => void) | null
  onerror: (() => void) | null
  onabort: (() => void) | null
  objectStore(name: string): Store
}
interface Database {
  createObjectStore(name: string, options: { readonly keyPath: string }): unknown
  transaction(store: string, mode: 'readonly' | 'readwrite'): Transaction
  close(): void
}
declare const indexedDB: {
  open(
    name: string,
    version: number,
  ): StoreRequest<Database> & { onupgradeneeded: (() => void) | null }
}
declare const navigator:
  | {
      readonly locks?: {
        request(name: string, hold: () => Promise<void>): Promise<void>
      }
    }
  | undefined
