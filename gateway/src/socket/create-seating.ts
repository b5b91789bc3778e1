import type { ConversationId, UserId } from '@satchel/protocol'
import type { Backend } from '@satchel/chat-core/backends'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { Audiences } from './audiences.ts'
import type { EventFormat } from './event-frames.ts'
import { Following } from './following.ts'
import { GapRepair } from './gap-repair.ts'
import { LateSeats } from './late-seats.ts'
import type { OutOfReach } from './out-of-reach.ts'
import { Replays } from './replays.ts'
import type { Seat } from './seat.ts'
import type { SessionTable } from './session-table.ts'
import { Slots } from './slots.ts'

export interface SeatingDeps extends EventFormat {
  readonly gatewayId: string
  readonly backend: Backend
  readonly outOfReach: OutOfReach
  readonly sessions: SessionTable
  readonly telemetry: GatewayTelemetry
  readonly parted: (userId: UserId) => void
}

/** Which session hears of which conversation, and what brings those up to date who missed something. */
export interface Seating {
  readonly audiences: Audiences
  readonly replays: Replays
  readonly lateSeats: LateSeats
  readonly following: Following
  readonly gapRepair: GapRepair
}

/** What is read for sessions at once in the whole process: a storm of reconnects queues here. */
const READS_AT_ONCE = 16

export function createSeating(deps: SeatingDeps): Seating {
  const { backend: queries } = deps
  const { bus, sessions: registry } = queries
  const dismiss = (seat: Seat): void => audiences.dismiss(seat)
  const shared = { ...deps, queries, bus, registry, reads: new Slots(READS_AT_ONCE) }
  const replays = new Replays({ ...shared, dismiss })
  const seatMembers = (id: ConversationId): void => lateSeats.takeMembers(id)
  const { timeline } = queries
  const audiences = new Audiences({ ...shared, timeline, replays, seatMembers })
  const lateSeats = new LateSeats({ ...shared, audiences, replays })
  const following = new Following({ ...shared, audiences, replays })
  const gapRepair = new GapRepair({ ...shared, audiences, lateSeats })
  return { audiences, replays, lateSeats, following, gapRepair }
}
