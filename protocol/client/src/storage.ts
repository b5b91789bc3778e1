import type { JsonValue } from '@satchel/protocol'

/** Something the library keeps: `value` is plain data that JSON and IndexedDB can hold. */
export interface StoredEntry {
  readonly key: string
  readonly value: JsonValue
}

/**
 * Where unanswered commands and unfinished uploads survive a reload. At most one client at a time
 * owns what is stored; a client that does not (a second tab) works from memory until it does.
 *
 * A storage that fails costs the survival of a reload and nothing else.
 */
export interface OutboxStorage {
  /**
   * Resolves with everything stored, in no order, once this client alone owns it: at once, or when the
   * client that owned it before is gone. Nothing is put or removed before. May be called again to read
   * what is stored now.
   */
  acquire(): Promise<readonly StoredEntry[]>
  /** Stores these together: all or none. An entry under a key that exists replaces it. */
  put(entries: readonly StoredEntry[]): Promise<void>
  /** Removes what is stored under these keys; a missing one is fine. */
  remove(keys: readonly string[]): Promise<void>
  /** Lets another client own it. */
  close(): void
}

/** Keeps everything until the process ends or the page is left. */
export function createMemoryStorage(): OutboxStorage {
  const values = new Map<string, JsonValue>()
  return {
    acquire: () => Promise.resolve([...values].map(([key, value]) => ({ key, value }))),
    put(entries) {
      for (const { key, value } of entries) values.set(key, value)
      return Promise.resolve()
    },
    remove(keys) {
      for (const key of keys) values.delete(key)
      return Promise.resolve()
    },
    close: () => undefined,
  }
}
