import { RULES_VERSION } from '../domain/decide.ts'
import type { RulesSettings } from '../domain/decision.ts'
import type { Checkpoints } from '../ports/checkpoints.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommandLog } from '../ports/command-log.ts'
import type { ConversationStore } from '../ports/conversation-store.ts'
import type { DeadLetters } from '../ports/dead-letters.ts'
import type { GatewayBus } from '../ports/gateway-bus.ts'
import type { Heads } from '../ports/heads.ts'
import type { OwnerDirectory } from '../ports/owner-directory.ts'
import type { OwnerRequests } from '../ports/owner-requests.ts'
import type { PartitionLog } from '../ports/partition-log.ts'
import type { SessionRegistry } from '../ports/session-registry.ts'
import type { Timeline } from '../ports/timeline.ts'
import type { Timers } from '../runtime/index.ts'
import { HeadPublisher } from './head-publisher.ts'
import type { OwnershipTelemetry } from './ownership-telemetry.ts'
import { createOwnerRoom, type OwnerBounds } from './owner-room.ts'
import { Ownership } from './ownership.ts'

export interface StartOwnershipDeps {
  readonly clock: Clock
  readonly timers: Timers
  readonly commandLog: CommandLog
  readonly partitionLog: PartitionLog
  readonly checkpoints: Checkpoints
  readonly directory: OwnerDirectory
  readonly requests: OwnerRequests
  readonly conversations: ConversationStore
  readonly timeline: Timeline
  readonly heads: Pick<Heads, 'publish'>
  readonly bus: GatewayBus
  readonly sessions: SessionRegistry
  readonly deadLetters: DeadLetters
  readonly telemetry: OwnershipTelemetry
}

export interface StartOwnershipOptions {
  /** New with each start of a process. */
  readonly ownerId: string
  /** The newest format of log records that `commandLog` can read. */
  readonly newestRecordVersion: number
  /** What partitions are claimed with; those of the epoch in force decide. */
  readonly settings: RulesSettings
  readonly logRetentionMs: number
  readonly bounds?: OwnerBounds | undefined
}

export interface RunningOwnership {
  readonly partitionsOwned: number
  /** Leaves the directory and hands over every partition; what is not handed over in time is replayed by its next owner. */
  close(): Promise<void>
}

/** Takes part in owning the partitions of the log, beside other chat-cores. */
export function startOwnership(
  deps: StartOwnershipDeps,
  options: StartOwnershipOptions,
): RunningOwnership {
  const { commandLog, partitionLog, requests, deadLetters, telemetry } = deps
  const { ownerId, newestRecordVersion, settings, logRetentionMs } = options
  const heads = new HeadPublisher(deps.heads, (error) => {
    telemetry.deliveryFailed(undefined, error)
  })
  const cluster = { partitionLog, requests, deadLetters }
  return new Ownership(
    { ...deps, heads, cluster },
    {
      heartbeat: { ownerId, newestRecordVersion },
      epoch: { ownerId, rulesVersion: RULES_VERSION, settings: rulesSettingsOf(settings) },
      partitions: commandLog.partitions,
      logRetentionMs,
    },
    createOwnerRoom(options.bounds),
  )
}

/** Nothing but these goes into the log, whatever else `settings` holds. */
function rulesSettingsOf(settings: RulesSettings): RulesSettings {
  const { clientsMayCreateGroups, historyForNewcomers, eraseBlanksMessages } = settings
  return { clientsMayCreateGroups, historyForNewcomers, eraseBlanksMessages }
}
