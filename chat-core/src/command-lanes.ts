import { ChatError, type ConversationId } from '@satchel/protocol'

/** What one line asks of one conversation, in order. */
export interface Lane {
  /** Nothing is appended before a restart. */
  refusing: boolean
  /** What was asked for before the latest of them is not appended any more. */
  restarts: number
  /** Settles when everything before has been appended or refused. */
  last: Promise<void>
  /** Commands that are not appended yet. */
  queued: number
  /** Commands that are appended and not answered. */
  unanswered: number
}

const LANES_MAX = 1_024

export function createLane(refusing = false): Lane {
  return { refusing, restarts: 0, last: Promise.resolve(), queued: 0, unanswered: 0 }
}

/** Throws unless the lane still takes what was asked for after so many restarts. */
export function requireOpen({ refusing, restarts }: Lane, since: number): void {
  if (!refusing && restarts === since) return
  throw new ChatError(
    'restart_required',
    'an earlier command of this conversation was refused; resend from that one',
  )
}

/**
 * The lanes of one line. Those in use stay; of the others about a thousand are remembered. Where even
 * refusals have to be forgotten, every conversation that is not held counts as refused from then on:
 * that costs a restart, and order never.
 */
export class CommandLanes {
  readonly #lanes = new Map<ConversationId, Lane>()
  #refusalsForgotten = false

  of(id: ConversationId): Lane {
    let lane = this.#lanes.get(id)
    if (lane === undefined) {
      if (this.#lanes.size >= LANES_MAX) this.#makeRoom()
      lane = createLane(this.#refusalsForgotten)
      this.#lanes.set(id, lane)
    }
    return lane
  }

  get size(): number {
    return this.#lanes.size
  }

  #makeRoom(): void {
    this.#forget((lane) => isIdle(lane) && !lane.refusing)
    if (this.#lanes.size < LANES_MAX) return
    this.#forget(isIdle)
    this.#refusalsForgotten = true
  }

  #forget(mayGo: (lane: Lane) => boolean): void {
    for (const [id, lane] of this.#lanes) if (mayGo(lane)) this.#lanes.delete(id)
  }
}

function isIdle({ queued, unanswered }: Lane): boolean {
  return queued === 0 && unanswered === 0
}
