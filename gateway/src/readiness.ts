import { ChatError } from '@satchel/protocol'
import type { GatewayBus } from '@satchel/chat-core/ports'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTimes } from './gateway-times.ts'

export interface ReadinessDeps {
  readonly bus: Pick<GatewayBus, 'connected'>
  readonly time: MonotonicClock
  readonly isDraining: () => boolean
  readonly times: Pick<GatewayTimes, 'busAwayMs'>
}

/**
 * Whether new clients should come here. A gateway that is cut off from the bus keeps its sessions, which wait,
 * but others serve new ones better; a short cut is over before clients could have moved.
 */
export class Readiness {
  readonly #deps: ReadinessDeps
  #awaySinceMs: number | undefined

  constructor(deps: ReadinessDeps) {
    this.#deps = deps
  }

  /** Called each second. */
  beat(): void {
    if (this.#deps.bus.connected) this.#awaySinceMs = undefined
    else this.#awaySinceMs ??= this.#deps.time.elapsedMs()
  }

  /** Throws what `/ready` is answered with unless it is. */
  require(): void {
    const { isDraining, time, times } = this.#deps
    if (isDraining()) throw new ChatError('draining', 'the server takes no new clients')
    const sinceMs = this.#awaySinceMs
    if (sinceMs !== undefined && time.elapsedMs() - sinceMs >= times.busAwayMs)
      throw new ChatError('unavailable', 'the bus between the processes is out of reach')
  }
}
