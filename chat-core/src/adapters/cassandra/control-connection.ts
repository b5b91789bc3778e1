import type { Client } from 'cassandra-driver'

/** How a driver learns of its nodes, which its typing leaves out: as far as we must take care of it. */
export interface ControlConnection {
  /** Absent while it looks for another one. */
  readonly connection: { readonly connected: boolean; close(): void } | null
  /** From then on it looks for nothing, and keeps what it had. */
  readonly _isShuttingDown: boolean
  /** Finds a node, and asks it about all; `untried` are those left of a try that goes on. */
  _refresh(untried?: unknown): Promise<void>
}

/** Throws where the driver is built otherwise. */
export function parseControlConnection(driver: Client): ControlConnection {
  const control: unknown = Reflect.get(driver, 'controlConnection')
  if (typeof control !== 'object' || control === null || !('_refresh' in control))
    throw new TypeError('this release of cassandra-driver has no control connection as we know it')
  return control as ControlConnection
}

/**
 * Lets the driver look for a node once at a time. When it has lost all nodes it listens for the loss of the connection
 * it makes before it is done with it. Losing that one at once began a second search under the feet of the first, which
 * then failed where nobody catches it, and ended the process: a Cassandra that was killed while it came back did so.
 * The first search notices the loss by itself.
 */
export function refreshOneAtATime(control: ControlConnection): void {
  const refresh = control._refresh.bind(control)
  let running: Promise<void> | undefined
  const run = async (): Promise<void> => {
    try {
      await refresh()
    } finally {
      running = undefined
    }
    // Lost after its last question and before anybody listened.
    if (control.connection?.connected === false && !control._isShuttingDown)
      await control._refresh()
  }
  control._refresh = (untried) => {
    if (untried !== undefined) return refresh(untried)
    running ??= run()
    return running
  }
}
