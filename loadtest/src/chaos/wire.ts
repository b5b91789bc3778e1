import { openTcpProxy } from '../../../scripts/services/tcp-proxy.mjs'
import type { Victim } from './victim.ts'

/** What is done to the connections of a wire until it is healed. */
export const WIRE_STRIKES = ['delay', 'slow', 'hold', 'lose', 'cut', 'refuse'] as const
export type WireStrikeKind = (typeof WIRE_STRIKES)[number]

/** All connections from some processes to one server, by way of a proxy. */
export interface Wire extends Victim<WireStrikeKind> {
  /** Where its clients connect. */
  readonly address: string
  close(): Promise<void>
}

const DELAY_MS = 150
const SLOW_BYTES_PER_SECOND = 64 * 1024
const DIRECTIONS = ['to_server', 'to_client'] as const

/** @param address of the server: `scheme://host:port` or `host:port` */
export async function openWire(name: string, address: string): Promise<Wire> {
  const proxy = await openTcpProxy(address)
  return {
    name,
    address: proxy.address,
    hurt(kind) {
      switch (kind) {
        case 'delay':
          for (const direction of DIRECTIONS) proxy.delay(direction, DELAY_MS)
          break
        case 'slow':
          for (const direction of DIRECTIONS) proxy.slow(direction, SLOW_BYTES_PER_SECOND)
          break
        case 'hold':
          for (const direction of DIRECTIONS) proxy.hold(direction)
          break
        case 'lose':
          for (const direction of DIRECTIONS) proxy.swallow(direction)
          break
        case 'cut':
          proxy.cut()
          break
        case 'refuse':
          proxy.refuse()
          proxy.cut()
          break
        default:
          kind satisfies never
      }
      return Promise.resolve()
    },
    heal() {
      proxy.heal()
      return Promise.resolve()
    },
    close: () => proxy.close(),
  }
}
