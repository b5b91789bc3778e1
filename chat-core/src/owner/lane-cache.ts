import type { ConversationId } from '@satchel/protocol'
import type { ConversationLane, LaneDeps } from './conversation-lane.ts'

interface Held {
  readonly lane: ConversationLane
  /** The weight it is counted with; `settle` brings it up to date. */
  weight: number
}

/**
 * The conversations that the owners of a process hold, least recently used first; idle ones go when
 * there are too many.
 */
export class LaneCache {
  readonly #maxLanes: number
  readonly #maxWeight: number
  readonly #held = new Map<ConversationId, Held>()
  #weight = 0

  constructor(maxLanes: number, maxWeight: number) {
    this.#maxLanes = maxLanes
    this.#maxWeight = maxWeight
  }

  /** The conversation's lane, made when it is not held. */
  take(id: ConversationId, create: (id: ConversationId) => ConversationLane): ConversationLane {
    const held = this.#held.get(id) ?? { lane: create(id), weight: 0 }
    this.#held.delete(id)
    this.#held.set(id, held)
    return held.lane
  }

  /** The lane's state may have grown: counts it again and lets go of the oldest idle ones over the bounds. */
  settle(lane: ConversationLane): void {
    const held = this.#held.get(lane.id)
    if (held?.lane === lane) {
      this.#weight += lane.weight - held.weight
      held.weight = lane.weight
    }
    for (const [id, oldest] of this.#held) {
      if (this.#held.size <= this.#maxLanes && this.#weight <= this.#maxWeight) return
      if (oldest.lane.isIdle) this.#forget(id, oldest)
    }
  }

  /** Lets go of an owner's lanes, whatever they are doing. */
  forgetAll(owner: LaneDeps): void {
    for (const [id, held] of this.#held) if (held.lane.belongsTo(owner)) this.#forget(id, held)
  }

  get size(): number {
    return this.#held.size
  }

  #forget(id: ConversationId, held: Held): void {
    this.#held.delete(id)
    this.#weight -= held.weight
  }
}
