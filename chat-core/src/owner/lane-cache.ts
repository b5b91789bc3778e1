import type { ConversationId } from '@satchel/protocol'
import type { ConversationLane } from './conversation-lane.ts'

interface Held {
  readonly lane: ConversationLane
  /** The weight it is counted with; `settle` brings it up to date. */
  weight: number
}

/** The conversations an owner holds, least recently used first; idle ones go when there are too many. */
export class LaneCache {
  readonly #create: (id: ConversationId) => ConversationLane
  readonly #maxLanes: number
  readonly #maxWeight: number
  readonly #held = new Map<ConversationId, Held>()
  #weight = 0

  constructor(
    create: (id: ConversationId) => ConversationLane,
    maxLanes: number,
    maxWeight: number,
  ) {
    this.#create = create
    this.#maxLanes = maxLanes
    this.#maxWeight = maxWeight
  }

  /** The conversation's lane, made when it is not held. */
  take(id: ConversationId): ConversationLane {
    const held = this.#held.get(id) ?? { lane: this.#create(id), weight: 0 }
    this.#held.delete(id)
    this.#held.set(id, held)
    return held.lane
  }

  /** The lane's state may have grown: counts it again and lets go of the oldest idle ones over the bounds. */
  settle(lane: ConversationLane): void {
    const held = this.#held.get(lane.id)
    if (held !== undefined) {
      this.#weight += lane.weight - held.weight
      held.weight = lane.weight
    }
    for (const [id, oldest] of this.#held) {
      if (this.#held.size <= this.#maxLanes && this.#weight <= this.#maxWeight) return
      if (!oldest.lane.idle) continue
      this.#held.delete(id)
      this.#weight -= oldest.weight
    }
  }

  get size(): number {
    return this.#held.size
  }
}
