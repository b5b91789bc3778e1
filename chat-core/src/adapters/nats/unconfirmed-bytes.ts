import type { NatsClient } from './nats-client.ts'

// The driver takes whatever it is given: it has no bound of its own, and says nothing of a slow server.
const MAX_BYTES = 16 * 1024 * 1024
const ASK_AT_BYTES = 256 * 1024

/** Counts what was published and not yet seen by the server, so that a slow one cannot fill our memory. */
export class UnconfirmedBytes {
  readonly #client: Pick<NatsClient, 'connection'>
  readonly #caughtUp: () => void
  #bytes = 0
  #asking = false

  /** `caughtUp` is called each time the server has seen what it had not. */
  constructor(client: Pick<NatsClient, 'connection'>, caughtUp: () => void) {
    this.#client = client
    this.#caughtUp = caughtUp
  }

  /** False when there is no room for so many more. */
  add(bytes: number): boolean {
    if (this.#bytes + bytes > MAX_BYTES) return false
    this.#bytes += bytes
    if (this.#bytes >= ASK_AT_BYTES) void this.#ask()
    return true
  }

  async #ask(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const asked = this.#bytes
    try {
      await this.#client.connection.flush()
      this.#bytes -= asked
      this.#caughtUp()
    } catch {
      // The connection is gone, and what it had not sent with it.
      this.#bytes = 0
    } finally {
      this.#asking = false
    }
  }
}
