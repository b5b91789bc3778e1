import type { Client } from 'cassandra-driver'

interface Closable {
  readonly close: () => void
}

interface Host {
  readonly shutdown: (waitForPending: boolean) => Promise<void>
}

/**
 * The hosts of a driver, closed when they should be. When the driver has lost all nodes it begins anew, with new hosts
 * for the same nodes, and only forgets the former; and it finishes beginning anew after it was shut down. Timers and
 * connections of either would keep a process alive that has closed everything.
 */
export class DriverHosts {
  readonly #driver: Client
  #isClosed = false

  constructor(driver: Client) {
    this.#driver = driver
    driver.on('hostRemove', closeHost)
    driver.on('hostAdd', (host: unknown) => {
      if (!this.#isClosed) return
      closeHost(host)
      this.#endBeginning()
    })
  }

  /** Shuts the driver down. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#driver.shutdown()
    this.#endBeginning()
  }

  /** Without the connection on which it asks about the nodes it gives up, as it is shut down. */
  #endBeginning(): void {
    const driver: object = this.#driver
    const control = 'controlConnection' in driver && driver.controlConnection
    const connection = isObject(control) && 'connection' in control && control.connection
    if (isClosable(connection)) connection.close()
  }
}

function closeHost(host: unknown): void {
  // Nobody waits for it: its connections are gone, or what was under way on them is repeated.
  if (isHost(host)) host.shutdown(false).catch(() => undefined)
}

// The driver's typing leaves out what it calls internal.

function isHost(value: unknown): value is Host {
  return isObject(value) && 'shutdown' in value && typeof value.shutdown === 'function'
}

function isClosable(value: unknown): value is Closable {
  return isObject(value) && 'close' in value && typeof value.close === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
