import type { Clock } from './clock.ts'
import { createDeferred } from './deferred.ts'
import type { OutboxStorage, StoredEntry } from './storage.ts'

/** A client that does not own its storage within this time starts without it. */
const PATIENCE_MS = 500

/**
 * The client's storage as the rest of the library sees it: before it is owned, and when it fails,
 * everything goes on in memory.
 */
export class OwnedStorage {
  readonly #storage: OutboxStorage
  readonly #clock: Clock
  readonly #settled = createDeferred<undefined>()
  readonly #owned = createDeferred<readonly StoredEntry[]>()
  #isOpen = false
  #isOwned = false

  constructor(storage: OutboxStorage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** What was stored before, once this client owns it; possibly never. */
  get owned(): Promise<readonly StoredEntry[]> {
    return this.#owned.promise
  }

  /** Settles when it is known whether this client owns the storage from the start. */
  get settled(): Promise<undefined> {
    return this.#settled.promise
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    const settle = (): void => {
      cancel()
      this.#settled.resolve(undefined)
    }
    const cancel = this.#clock.setTimer(PATIENCE_MS, settle)
    this.#storage.acquire().then((entries) => {
      this.#isOwned = true
      this.#owned.resolve(entries)
      settle()
    }, settle)
  }

  /** What is stored under keys that start like this; nothing unless this client owns the storage. */
  async list(prefix: string): Promise<readonly StoredEntry[]> {
    await this.#settled.promise
    if (!this.#isOwned) return []
    const entries = await this.#storage.acquire().catch(() => [])
    return entries.filter(({ key }) => key.startsWith(prefix))
  }

  async put(entries: readonly StoredEntry[]): Promise<void> {
    if (!this.#isOwned) return
    await this.#storage.put(entries).catch(() => undefined)
  }

  remove(keys: readonly string[]): void {
    if (this.#isOwned) this.#storage.remove(keys).catch(() => undefined)
  }

  close(): void {
    this.#isOwned = false
    if (this.#isOpen) this.#storage.close()
  }
}
