import type { Checkpoints } from '../ports/checkpoints.ts'
import type { Epoch } from '../ports/command-log.ts'
import type { OwnerDirectory, OwnerHeartbeat } from '../ports/owner-directory.ts'
import type { Timers } from '../runtime/index.ts'
import { waitAtMost } from '../runtime/wait-at-most.ts'
import { ClaimQueue } from './claim-queue.ts'
import { claimPartition, type ClaimDeps } from './claim-partition.ts'
import { DirectoryPulse } from './directory-pulse.ts'
import type { PartitionStart } from './epochs-in-force.ts'
import { FairShare } from './fair-share.ts'
import { HandOverQueue } from './hand-over-queue.ts'
import { OwnedPartition, type OwnedPartitionDeps } from './owned-partition.ts'
import type { OwnerRoom } from './owner-room.ts'
import type { OwnershipTelemetry } from './ownership-telemetry.ts'
import type { PartitionEnd, RefusalReason } from './partition-end.ts'
import type { OwnerClusterDeps } from './partition-owner-deps.ts'

export interface OwnershipDeps
  extends Omit<OwnedPartitionDeps, 'checkpoints' | 'cluster' | 'partitionLog'>, ClaimDeps {
  readonly checkpoints: Checkpoints
  readonly directory: OwnerDirectory
  readonly cluster: Omit<OwnerClusterDeps, 'ended'>
  readonly timers: Timers
  readonly telemetry: OwnershipTelemetry
}

export interface OwnershipOptions {
  readonly heartbeat: OwnerHeartbeat
  /** What partitions are claimed with. */
  readonly epoch: Epoch
  readonly partitions: number
  readonly logRetentionMs: number
}

const TICK_INTERVAL_MS = 250
const HAND_OVER_DEADLINE_MS = 5_000
/** For the directory to hear that this one leaves, before it lets go of anything. */
const LEAVING_MS = 200

type Holding =
  | { readonly kind: 'claiming'; readonly done: Promise<void> }
  | { readonly kind: 'owned'; readonly owned: OwnedPartition }
  | { readonly kind: 'leaving'; readonly done: Promise<void> }

/**
 * One chat-core's part in owning all partitions: says that it lives, learns who else does, claims what
 * should be its own and hands over what should be somebody else's. Who cannot learn who lives takes
 * nothing and keeps what it has.
 */
export class Ownership {
  readonly #deps: OwnershipDeps
  readonly #options: OwnershipOptions
  readonly #room: OwnerRoom
  readonly #share: FairShare
  readonly #queue: ClaimQueue
  readonly #handOvers: HandOverQueue
  readonly #pulse: DirectoryPulse
  readonly #holdings = new Map<number, Holding>()
  readonly #unwatch: readonly (() => void)[]
  #cancelTick: (() => void) | undefined
  #cancelClaims: (() => void) | undefined
  #isClosing = false

  constructor(deps: OwnershipDeps, options: OwnershipOptions, room: OwnerRoom) {
    const { directory, timers, telemetry, bus } = deps
    this.#deps = deps
    this.#options = options
    this.#room = room
    this.#share = new FairShare(options.heartbeat.ownerId, options.partitions)
    this.#queue = new ClaimQueue(timers)
    this.#handOvers = new HandOverQueue(timers, (partition) => this.#letGo(partition))
    const learned = (living: readonly OwnerHeartbeat[] | undefined): void => {
      this.#learn(living)
    }
    const failed = (error: unknown): void => {
      telemetry.directoryFailed(error)
    }
    this.#pulse = new DirectoryPulse({ directory, timers, learned, failed }, options.heartbeat)
    this.#unwatch = [
      directory.watch({
        changed: () => void this.#pulse.list(),
        released: (partition) => {
          this.#queue.letGo(partition)
          this.#claimDue()
        },
        takenOver: (partition) => {
          this.#handOvers.takenOver(partition)
        },
      }),
      bus.watchGaps(() => {
        for (const owned of this.#owned()) owned.announceAll()
      }),
    ]
    this.#pulse.start()
    this.#tick()
  }

  /** How many partitions are owned now. */
  get partitionsOwned(): number {
    return [...this.#owned()].length
  }

  /** Leaves, and hands over everything. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancelClaims?.()
    this.#queue.clear()
    // Nobody claims what is let go before they know that this one is gone.
    const left = this.#pulse.stop()
    await waitAtMost(this.#deps.timers, LEAVING_MS, left)
    // What is claimed just now is handed over as well, and what came back before it was known to be taken over.
    while (this.#holdings.size > 0) {
      for (const [partition, { kind }] of this.#holdings)
        if (kind === 'owned') this.#handOvers.add(partition)
      await this.#handOvers.emptied()
      await Promise.all([...this.#holdings.values()].map(settled))
    }
    await left
    this.#cancelTick?.()
    for (const unwatch of this.#unwatch) unwatch()
  }

  #learn(living: readonly OwnerHeartbeat[] | undefined): void {
    if (living === undefined || !this.#share.take(living)) {
      this.#queue.clear()
      return
    }
    for (let partition = 0; partition < this.#options.partitions; partition++) {
      const holding = this.#holdings.get(partition)
      if (!this.#share.includes(partition)) {
        this.#queue.remove(partition)
        if (holding?.kind === 'owned') this.#handOvers.add(partition)
        continue
      }
      this.#handOvers.remove(partition)
      if (holding === undefined && !this.#queue.has(partition))
        this.#queue.add(partition, this.#share.patienceMs(partition))
    }
    this.#claimDue()
  }

  #tick(): void {
    this.#cancelTick = this.#deps.timers.after(TICK_INTERVAL_MS, () => {
      this.#tick()
    })
    for (const owned of this.#owned()) owned.tick()
  }

  #claimDue(): void {
    this.#cancelClaims?.()
    if (this.#isClosing) return
    for (const partition of this.#queue.begin()) {
      const done = this.#claim(partition)
      // Nothing is claimed before the loop has turned: the holding is there by then.
      this.#holdings.set(partition, { kind: 'claiming', done })
    }
    const { timers } = this.#deps
    const { nextDueMs } = this.#queue
    if (nextDueMs === undefined) return
    const delayMs = Math.max(1, nextDueMs - timers.elapsedMs())
    this.#cancelClaims = timers.after(delayMs, () => {
      this.#claimDue()
    })
  }

  async #claim(partition: number): Promise<void> {
    const { timers, telemetry } = this.#deps
    const { epoch, logRetentionMs } = this.#options
    const sinceMs = timers.elapsedMs()
    try {
      const outcome = await claimPartition(this.#deps, partition, epoch, logRetentionMs)
      this.#holdings.delete(partition)
      if (outcome.kind === 'refused') this.#refused(partition, outcome.reason)
      else {
        telemetry.claimed(partition, timers.elapsedMs() - sinceMs)
        this.#own(outcome.start)
      }
    } catch (error) {
      // The directory's next answer puts it into the queue again.
      this.#holdings.delete(partition)
      telemetry.claimFailed(partition, error)
    }
    this.#queue.finished()
    this.#claimDue()
  }

  #own(start: PartitionStart): void {
    const { partition } = start
    const cluster: OwnerClusterDeps = {
      ...this.#deps.cluster,
      ended: (end) => {
        this.#ended(partition, end)
      },
    }
    const options = { room: this.#room, logRetentionMs: this.#options.logRetentionMs }
    const owned = new OwnedPartition({ ...this.#deps, cluster }, start, options)
    this.#holdings.set(partition, { kind: 'owned', owned })
    // It may have become somebody else's while it was claimed.
    if (this.#isClosing || !this.#share.includes(partition)) {
      void this.#letGo(partition)
      return
    }
    const { directory, telemetry } = this.#deps
    directory.takeOver(partition).catch((error: unknown) => {
      telemetry.directoryFailed(error)
    })
  }

  #ended(partition: number, end: PartitionEnd): void {
    if (this.#holdings.get(partition)?.kind === 'owned') this.#holdings.delete(partition)
    if (end.kind === 'refused') {
      this.#refused(partition, end.reason)
    } else {
      this.#deps.telemetry.lost(partition, end.toOwnerId)
      this.#queue.setBack(partition)
    }
  }

  #refused(partition: number, reason: RefusalReason): void {
    this.#deps.telemetry.refused(partition, reason)
    this.#queue.setBack(partition)
  }

  /** Whether there was anything to let go of; never rejects. */
  async #letGo(partition: number): Promise<boolean> {
    const holding = this.#holdings.get(partition)
    if (holding?.kind !== 'owned') return false
    const done = this.#handOver(partition, holding.owned)
    this.#holdings.set(partition, { kind: 'leaving', done })
    await done
    return true
  }

  async #handOver(partition: number, owned: OwnedPartition): Promise<void> {
    const { timers, telemetry, directory } = this.#deps
    const sinceMs = timers.elapsedMs()
    const isFinished = await owned.handOver(HAND_OVER_DEADLINE_MS).catch((error: unknown) => {
      telemetry.upkeepFailed(partition, error)
      return false
    })
    await directory.release(partition).catch((error: unknown) => {
      telemetry.directoryFailed(error)
    })
    this.#holdings.delete(partition)
    telemetry.handedOver(partition, timers.elapsedMs() - sinceMs, isFinished)
  }

  *#owned(): Generator<OwnedPartition> {
    for (const holding of this.#holdings.values()) if (holding.kind === 'owned') yield holding.owned
  }
}

async function settled(holding: Holding): Promise<void> {
  if (holding.kind !== 'owned') await holding.done
}
