import type { ConversationId } from '@satchel/protocol'
import type { CommandLog, LogEntry } from '../ports/command-log.ts'
import type { ConversationStore } from '../ports/conversation-store.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import type { UnknownOutcome } from '../ports/gateway-bus.ts'
import type { OwnerRequests } from '../ports/owner-requests.ts'
import type { PartitionLog } from '../ports/partition-log.ts'
import type { Timers } from '../runtime/index.ts'
import type { DeliveriesDeps } from './deliveries.ts'
import type { PartitionEnd } from './partition-end.ts'

export interface OwnerTelemetry {
  committed(commands: number, events: number): void
  /** A commit was given up, and its commands refused. */
  commitFailed(conversationId: ConversationId, commands: number, outcome: UnknownOutcome): void
  /** Loading or committing failed for the so-many-th time, and is tried again. */
  storeFailed(conversationId: ConversationId, attempts: number, error: unknown): void
  deliveryFailed(conversationId: ConversationId | undefined, error: unknown): void
  /** `faultId` is what the command's answer names. */
  commandPoisoned(faultId: string, entry: LogEntry, error: unknown): void
}

/** What an owner needs where others may own its partition before and after it. */
export interface OwnerClusterDeps {
  readonly partitionLog: Pick<PartitionLog, 'extent'>
  readonly requests: Pick<OwnerRequests, 'serve'>
  readonly deadLetters: DeadLetters
  /** Called once when the owner has stopped by itself. */
  readonly ended: (end: PartitionEnd) => void
}

export interface PartitionOwnerDeps extends DeliveriesDeps {
  readonly commandLog: Pick<CommandLog, 'read'>
  readonly conversations: ConversationStore
  readonly timers: Timers
  readonly telemetry: OwnerTelemetry
  readonly cluster?: OwnerClusterDeps | undefined
}
