import type { TemplatedApp } from 'uWebSockets.js'
import type { GatewayTelemetry } from './gateway-telemetry.ts'
import type { OpenConnections } from './limits/open-connections.ts'

/**
 * Counts the connections of `app`, and closes those there is no room for as they come. One that becomes a
 * WebSocket stays counted; whoever serves it says when it closes.
 */
export function countConnections(
  app: TemplatedApp,
  connections: OpenConnections,
  telemetry: Pick<GatewayTelemetry, 'connectionShed'>,
): void {
  app.filter((res, change) => {
    if (Number(change) < 0) {
      connections.closed()
      return
    }
    connections.opened()
    if (!connections.isOver) return
    telemetry.connectionShed()
    res.close()
  })
}
