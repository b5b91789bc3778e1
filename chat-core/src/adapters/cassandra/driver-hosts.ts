import type { Client } from 'cassandra-driver'
import {
  parseControlConnection,
  refreshOneAtATime,
  type ControlConnection,
} from './control-connection.ts'

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
  readonly #control: ControlConnection
  #isClosed = false

  constructor(driver: Client) {
    this.#driver = driver
    this.#control = parseControlConnection(driver)
    refreshOneAtATime(this.#control)
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
    this.#control.connection?.close()
  }
}

function closeHost(host: unknown): void {
  // Nobody waits for it: its connections are gone, or what was under way on them is repeated.
  if (isHost(host)) host.shutdown(false).catch(() => undefined)
}

/** The driver's typing leaves out what it calls internal. */
function isHost(value: unknown): value is Host {
  return (
    typeof value === 'object' &&
    value !== null &&
    'shutdown' in value &&
    typeof value.shutdown === 'function'
  )
}
