import {
  createMonotonicClock,
  type Log,
  type Metrics,
  type MonotonicClock,
} from '../runtime/index.ts'
import { Repeats } from '../runtime/repeats.ts'
import { createOwnerTelemetry } from './owner-telemetry.ts'
import type { RefusalReason } from './partition-end.ts'
import type { OwnerTelemetry } from './partition-owner-deps.ts'

export interface OwnershipTelemetry extends OwnerTelemetry {
  claimed(partition: number, elapsedMs: number): void
  /** It is tried again. */
  claimFailed(partition: number, error: unknown): void
  /** `isFinished`: its next owner has nothing to do again. */
  handedOver(partition: number, elapsedMs: number, isFinished: boolean): void
  lost(partition: number, toOwnerId: string): void
  /** Nobody owns the partition until its log is what it has to be: an alarm. */
  refused(partition: number, reason: RefusalReason): void
  /** Who lives could not be said or learned. */
  directoryFailed(error: unknown): void
  /** A checkpoint could not be stored, or the log not be purged. */
  upkeepFailed(partition: number, error: unknown): void
}

const REFUSAL_REASONS = [
  'log_starts_late',
  'log_ends_early',
  'log_behind_state',
  'other_generation',
  'unknown_record_version',
  'unknown_rules_version',
  'records_missing',
] as const satisfies readonly RefusalReason[]

type OwnershipStep = 'claim' | 'heartbeat' | 'upkeep'

/** What happens to owners and their partitions, as operators of a cluster learn of it. */
export function createOwnershipTelemetry(
  log: Log,
  metrics: Metrics,
  clock: MonotonicClock = createMonotonicClock(),
): OwnershipTelemetry {
  const { claims, handOvers, losses, refusals, failures } = createOwnershipCounters(metrics)
  const repeats = new Repeats(clock)
  // While NATS or the store is away, each partition fails again and again: one line stands for all of them.
  const failed = (
    step: OwnershipStep,
    facts: Readonly<Record<string, unknown>>,
    message: string,
  ): void => {
    failures.add(1, { step })
    const unsaid = repeats.take(step)
    if (unsaid !== undefined) log.warn({ ...facts, unsaid }, message)
  }
  return {
    ...createOwnerTelemetry(log, metrics, clock),
    claimed: (partition, elapsedMs) => {
      claims.add(1)
      repeats.end('claim')
      log.info({ partition, elapsedMs }, 'partition claimed')
    },
    claimFailed: (partition, error) => {
      failed('claim', { partition, error }, 'partition could not be claimed')
    },
    handedOver: (partition, elapsedMs, isFinished) => {
      handOvers.add(1)
      log.info({ partition, elapsedMs, isFinished }, 'partition handed over')
    },
    lost: (partition, toOwnerId) => {
      losses.add(1)
      log.warn({ partition, toOwnerId }, 'partition lost')
    },
    refused: (partition, reason) => {
      refusals.add(1, { reason })
      log.error({ partition, reason }, 'partition refused: its log cannot be applied')
    },
    directoryFailed: (error) => {
      failed('heartbeat', { error }, 'owner directory out of reach')
    },
    upkeepFailed: (partition, error) => {
      failed('upkeep', { partition, error }, 'partition upkeep failed')
    },
  }
}

function createOwnershipCounters(metrics: Metrics) {
  const claims = metrics.counter({
    name: 'satchel_partitions_claimed_total',
    help: 'Partitions this process has become the owner of.',
  })
  const handOvers = metrics.counter({
    name: 'satchel_partitions_handed_over_total',
    help: 'Partitions this process has let go of in good order.',
  })
  const losses = metrics.counter({
    name: 'satchel_partitions_lost_total',
    help: 'Partitions that another process claimed while this one owned them.',
  })
  const refusals = metrics.counter({
    name: 'satchel_partitions_refused_total',
    help: 'Times a partition was found to have a log that cannot be applied, by reason.',
    labels: ['reason'],
  })
  refusals.expect(REFUSAL_REASONS.map((reason) => ({ reason })))
  const failures = metrics.counter({
    name: 'satchel_ownership_failures_total',
    help: 'Claims, checkpoints, purges and heartbeats that failed, and are tried again.',
    labels: ['step'],
  })
  failures.expect([{ step: 'claim' }, { step: 'heartbeat' }, { step: 'upkeep' }])
  return { claims, handOvers, losses, refusals, failures }
}

export function countOwnership(
  metrics: Metrics,
  ownership: { readonly partitionsOwned: number },
  partitions: number,
): void {
  metrics.gauge(
    { name: 'satchel_partitions', help: 'Partitions the deployment has.' },
    () => partitions,
  )
  metrics.gauge(
    { name: 'satchel_partitions_owned', help: 'Partitions this process owns now.' },
    () => ownership.partitionsOwned,
  )
}
