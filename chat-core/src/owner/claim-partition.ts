import { ChatError } from '@satchel/protocol'
import type { Checkpoint, Checkpoints } from '../ports/checkpoints.ts'
import type { Clock } from '../ports/clock.ts'
import type { CommandLog, Epoch } from '../ports/command-log.ts'
import type { LogExtent, PartitionLog } from '../ports/partition-log.ts'
import { RULES_VERSION } from '../domain/decide.ts'
import type { Timers } from '../runtime/index.ts'
import type { PartitionStart } from './epochs-in-force.ts'
import type { PartitionEnd } from './partition-end.ts'
import { isCrowded, purgeableBeforeMs } from './purgeable-before.ts'

export interface ClaimDeps {
  readonly commandLog: Pick<CommandLog, 'read'>
  readonly partitionLog: PartitionLog
  readonly checkpoints: Pick<Checkpoints, 'read'>
  readonly clock: Clock
  readonly timers: Pick<Timers, 'after'>
}

/** From one record to the next: however long the log is, it is read to its end. */
const READING_DEADLINE_MS = 10_000

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly start: PartitionStart }
  | Extract<PartitionEnd, { readonly kind: 'refused' }>

type Refused = Extract<PartitionEnd, { readonly kind: 'refused' }>

/** A partition's log and how far it is done with, at one moment. */
interface Situation {
  readonly extent: LogExtent
  readonly checkpoint: Checkpoint
}

/**
 * Makes `epoch`'s owner the partition's owner, unless the log is not the one that the checkpoint was
 * taken of. Rejects when that cannot be done now; then others may find it claimed all the same.
 */
export async function claimPartition(
  deps: ClaimDeps,
  partition: number,
  epoch: Epoch,
  logRetentionMs: number,
): Promise<ClaimOutcome> {
  const found = await readSituation(deps, partition)
  const problem = problemOf(found)
  if (problem !== undefined) return problem
  // What is asked here is asked for each partition while its commands wait: whatever can wait itself is upkeep's.
  const { fullness } = found.extent
  if (isCrowded(fullness)) {
    // A log that is full of what nobody needs takes no claim either.
    const beforeMs = purgeableBeforeMs(deps.clock.nowMs(), fullness, logRetentionMs)
    await deps.partitionLog.purge(partition, found.checkpoint.record, beforeMs)
  }
  const record = await deps.partitionLog.claim(partition, epoch)
  // The one before may have come further, and may have let go only now.
  const checkpoint = (await deps.checkpoints.read(partition)) ?? found.checkpoint
  // Somebody claimed behind us and is done with that: reading on from there, nothing would ever tell.
  if (checkpoint.record >= record)
    throw new ChatError('unavailable', `partition ${partition} was claimed by another meanwhile`)
  const rules = checkpoint.epoch ?? (await readFirstEpoch(deps, partition, checkpoint.record))
  if (rules === undefined) return refused('records_missing')
  if (rules.rulesVersion > RULES_VERSION) return refused('unknown_rules_version')
  const claim = { record, ownerId: epoch.ownerId }
  return { kind: 'claimed', start: { ...checkpoint, partition, settings: rules.settings, claim } }
}

/** Read again until both are of the same moment: an owner that still works moves them. */
async function readSituation(
  { partitionLog, checkpoints }: ClaimDeps,
  partition: number,
): Promise<Situation> {
  let before = await checkpoints.read(partition)
  for (;;) {
    const extent = await partitionLog.extent(partition)
    const checkpoint = await checkpoints.read(partition)
    const { generation } = extent
    if (checkpoint?.record === before?.record && checkpoint?.generation === before?.generation)
      return { extent, checkpoint: checkpoint ?? { generation, record: 0, epoch: undefined } }
    before = checkpoint
  }
}

function problemOf({ extent, checkpoint }: Situation): Refused | undefined {
  if (extent.generation !== checkpoint.generation) return refused('other_generation')
  if (extent.lastRecord < checkpoint.record) return refused('log_ends_early')
  if (extent.firstRecord > checkpoint.record + 1) return refused('log_starts_late')
  return undefined
}

/**
 * What was appended before anybody ever claimed the partition is decided by the first who did.
 * `undefined` when the log cannot be read up to there.
 */
async function readFirstEpoch(
  { commandLog, timers }: ClaimDeps,
  partition: number,
  after: number,
): Promise<Epoch | undefined> {
  const found = Promise.withResolvers<Epoch | undefined>()
  const startDeadline = (): (() => void) =>
    timers.after(READING_DEADLINE_MS, () => {
      found.reject(new ChatError('unavailable', `partition ${partition} cannot be read`))
    })
  let cancel = startDeadline()
  const reader = commandLog.read(partition, after, async (record) => {
    cancel()
    cancel = startDeadline()
    if (record.kind === 'epoch') found.resolve(record.epoch)
    if (record.kind === 'broken') found.resolve(undefined)
  })
  try {
    return await found.promise
  } finally {
    // Until the reader is closed, records start it again.
    await reader.close().finally(() => {
      cancel()
    })
  }
}

function refused(reason: Refused['reason']): Refused {
  return { kind: 'refused', reason }
}
