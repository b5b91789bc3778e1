import { LaneCache } from './lane-cache.ts'
import { UndecidedBound } from './undecided-bound.ts'

/** How much the owners of a process hold at most. */
export interface OwnerBounds {
  readonly maxConversations: number
  /** Members, remembered answers and facts of all conversations held: some 200 bytes each. */
  readonly maxWeight: number
  /** Reading pauses at this many undecided commands, or at this many bytes of them. */
  readonly maxUndecided: number
  readonly maxUndecidedBytes: number
}

export const DEFAULT_OWNER_BOUNDS: OwnerBounds = {
  maxConversations: 100_000,
  maxWeight: 2_000_000,
  maxUndecided: 10_000,
  maxUndecidedBytes: 32 * 1024 * 1024,
}

/** What the owners of one process share. */
export interface OwnerRoom {
  readonly lanes: LaneCache
  readonly undecided: UndecidedBound
}

export function createOwnerRoom(bounds: OwnerBounds = DEFAULT_OWNER_BOUNDS): OwnerRoom {
  return {
    lanes: new LaneCache(bounds.maxConversations, bounds.maxWeight),
    undecided: new UndecidedBound(bounds.maxUndecided, bounds.maxUndecidedBytes),
  }
}
