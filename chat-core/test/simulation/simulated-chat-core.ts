import type { RulesSettings } from '../../src/domain/decision.ts'
import { startOwnership, type RunningOwnership } from '../../src/owner/start-ownership.ts'
import type { OwnershipTelemetry } from '../../src/owner/ownership-telemetry.ts'
import type { LogRecord } from '../../src/ports/command-log.ts'
import type { Servers } from './servers.ts'
import { openSimulatedConversations, openSimulatedTimeline } from './simulated-conversations.ts'
import { openSimulatedCommandLog, openSimulatedPartitionLog } from './simulated-log.ts'
import { SimulatedProcess } from './simulated-process.ts'

/** A chat-core process: the real ownership over simulated servers. */
export class SimulatedChatCore {
  readonly process: SimulatedProcess
  readonly ownership: RunningOwnership

  constructor(servers: Servers, id: string, settings: RulesSettings) {
    const { world, weather, store, log, breakage } = servers
    const process = new SimulatedProcess(world, weather, id)
    this.process = process
    const isBlind = breakage === 'nobody reads the epochs of others'
    const shows = (record: LogRecord): boolean =>
      !isBlind || record.kind !== 'epoch' || record.epoch.ownerId === id
    this.ownership = startOwnership(
      {
        clock: process.clock,
        timers: process.timers,
        commandLog: openSimulatedCommandLog({ process, log, shows }),
        partitionLog: openSimulatedPartitionLog(process, log),
        checkpoints: servers.openCheckpoints(process),
        directory: servers.directory.open(process),
        requests: servers.requests.open(process),
        conversations: openSimulatedConversations({ process, store, breakage }),
        timeline: openSimulatedTimeline(process, store),
        heads: servers.openHeads(process),
        bus: servers.bus.open(process),
        sessions: servers.registry.open(process),
        deadLetters: {
          add: (letter) =>
            process.call('log', `dead letter ${letter.faultId}`, () => {
              servers.deadLetters.push(letter)
            }),
        },
        telemetry: telemetryOf(process),
      },
      { ownerId: id, newestRecordVersion: 1, settings, logRetentionMs: 72 * 3_600_000 },
    )
  }

  /** As SIGTERM does. */
  close(): void {
    this.ownership.close().then(
      () => this.process.crash(),
      (error: unknown) => this.process.world.violated(`${this.process.id}: ${String(error)}`),
    )
  }
}

function telemetryOf({ id, world }: SimulatedProcess): OwnershipTelemetry {
  const note = (what: string): void => world.note(id, what)
  return {
    committed: () => undefined,
    commitFailed: () => world.violated(`${id} gave up a commit`),
    storeFailed: (conversationId, attempts) => note(`tries ${conversationId} again (${attempts})`),
    deliveryFailed: () => undefined,
    commandPoisoned: (faultId, _, error) => world.violated(`fault ${faultId}: ${String(error)}`),
    claimed: (partition) => note(`owns ${partition}`),
    claimFailed: (partition) => note(`cannot claim ${partition}`),
    handedOver: (partition, _, isFinished) =>
      note(`hands over ${partition}${isFinished ? '' : ', unfinished'}`),
    lost: (partition, toOwnerId) => note(`loses ${partition} to ${toOwnerId}`),
    refused: (partition, reason) => world.violated(`${id} refuses ${partition}: ${reason}`),
    directoryFailed: () => undefined,
    upkeepFailed: () => undefined,
  }
}
