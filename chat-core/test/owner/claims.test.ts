import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claimPartition, type ClaimDeps } from '../../src/owner/claim-partition.ts'
import type { Checkpoint } from '../../src/ports/checkpoints.ts'
import type { Epoch, LogRecord } from '../../src/ports/command-log.ts'
import type { LogExtent } from '../../src/ports/partition-log.ts'
import { SETTINGS } from '../domain/conversation-run.ts'
import { eventually } from '../support/eventually.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ManualTimers } from '../support/manual-timers.ts'

const HOUR_MS = 3_600_000
const EPOCH: Epoch = { ownerId: 'new', rulesVersion: 1, settings: SETTINGS }
const OLD: Epoch = {
  ...EPOCH,
  ownerId: 'old',
  settings: { ...SETTINGS, historyForNewcomers: true },
}
const WHOLE: LogExtent = { generation: 1, firstRecord: 1, lastRecord: 20, fullness: 0.1 }
const AT_TEN: Checkpoint = { generation: 1, record: 10, epoch: OLD }

describe('claiming a partition', () => {
  it('begins at the checkpoint, with the epoch in force there', async () => {
    const log = new FakeLog(WHOLE, AT_TEN)
    const outcome = await log.claim()
    assert.ok(outcome.kind === 'claimed')
    const { record, settings, claim } = outcome.start
    assert.deepEqual([record, settings, claim], [10, OLD.settings, { record: 21, ownerId: 'new' }])
  })

  it('refuses a log that starts above the checkpoint, and appends nothing to it', async () => {
    await assertRefused(new FakeLog({ ...WHOLE, firstRecord: 12 }, AT_TEN), 'log_starts_late')
  })

  it('takes a log of which everything below the checkpoint is gone', async () => {
    const log = new FakeLog({ ...WHOLE, firstRecord: 11 }, AT_TEN)
    assert.equal((await log.claim()).kind, 'claimed')
  })

  it('refuses a log that ends below the checkpoint: it was truncated or emptied', async () => {
    await assertRefused(new FakeLog({ ...WHOLE, lastRecord: 9 }, AT_TEN), 'log_ends_early')
  })

  it('refuses a log of another generation', async () => {
    await assertRefused(new FakeLog({ ...WHOLE, generation: 2 }, AT_TEN), 'other_generation')
  })

  it('refuses a partition that newer rules are in force in', async () => {
    const log = new FakeLog(WHOLE, { ...AT_TEN, epoch: { ...OLD, rulesVersion: 99 } })
    assert.deepEqual(await log.claim(), { kind: 'refused', reason: 'unknown_rules_version' })
  })

  it('fails when another has claimed behind it and has come further', async () => {
    const log = new FakeLog(WHOLE, AT_TEN)
    log.checkpointsAfterClaim.push({ ...AT_TEN, record: 25 })
    await assert.rejects(log.claim(), { code: 'unavailable' })
    assert.equal(log.claims, 1)
    const before = new FakeLog(WHOLE, AT_TEN)
    before.checkpointsAfterClaim.push({ ...AT_TEN, record: 20 })
    const outcome = await before.claim()
    assert.ok(outcome.kind === 'claimed')
    assert.equal(outcome.start.record, 20)
  })

  it('decides what was appended before anybody claimed as the first who did', async () => {
    const log = new FakeLog(WHOLE, undefined)
    const place = { generation: 1, timeMs: 0 }
    log.records.push(
      { ...place, kind: 'commands', record: 1, entries: [], bytes: 0 },
      { ...place, kind: 'epoch', record: 2, epoch: OLD },
      { ...place, kind: 'epoch', record: 3, epoch: EPOCH },
    )
    const outcome = await log.claim()
    assert.ok(outcome.kind === 'claimed')
    assert.deepEqual([outcome.start.record, outcome.start.settings], [0, OLD.settings])
  })

  it('reads a long log up to its first claim, but waits for no record longer than ten seconds', async () => {
    const timers = new ManualTimers()
    const log = new FakeLog(WHOLE, undefined, new ManualClock(), timers)
    const place = { generation: 1, timeMs: 0 }
    for (let record = 1; record <= 3; record++)
      log.records.push({ ...place, kind: 'commands', record, entries: [], bytes: 0 })
    log.beforeRecord = () => timers.advance(9_000)
    const silent = log.claim()
    await eventually(() => assert.equal(log.given, 3))
    timers.advance(10_000)
    await assert.rejects(silent, { code: 'unavailable' })

    log.records.push({ ...place, kind: 'epoch', record: 4, epoch: OLD })
    const outcome = await log.claim()
    assert.equal(outcome.kind, 'claimed')
    assert.equal(timers.waiting, 0)
  })

  it('purges first what is done with where the log fills, and leaves it to upkeep elsewhere', async () => {
    const clock = new ManualClock(1_000 * HOUR_MS)
    const purgedBefore = async (fullness: number): Promise<number | undefined> => {
      const log = new FakeLog({ ...WHOLE, fullness }, AT_TEN, clock)
      await log.claim()
      assert.ok(log.purged === undefined || log.purged.upTo === 10)
      return log.purged?.beforeMs
    }
    assert.equal(await purgedBefore(0.5), undefined)
    assert.equal(await purgedBefore(0.6), clock.nowMs() - HOUR_MS)
    assert.ok(((await purgedBefore(0.95)) ?? 0) > clock.nowMs())
  })
})

class FakeLog {
  readonly records: LogRecord[] = []
  purged: { readonly upTo: number; readonly beforeMs: number } | undefined
  claims = 0
  /** What whoever had the partition has stored meanwhile. */
  readonly checkpointsAfterClaim: Checkpoint[] = []
  /** Of its records. */
  given = 0
  beforeRecord: () => void = () => undefined
  readonly #deps: ClaimDeps

  constructor(
    extent: LogExtent,
    checkpoint: Checkpoint | undefined,
    clock = new ManualClock(),
    timers = new ManualTimers(),
  ) {
    this.#deps = {
      clock,
      timers,
      checkpoints: {
        read: async () =>
          (this.claims > 0 ? this.checkpointsAfterClaim.at(-1) : undefined) ?? checkpoint,
      },
      partitionLog: {
        extent: async () => extent,
        claim: async () => {
          this.claims++
          return extent.lastRecord + 1
        },
        purge: async (_, upTo, beforeMs) => {
          this.purged = { upTo, beforeMs }
        },
      },
      commandLog: {
        read: (_partition, _after, take) => {
          void this.#give(take)
          return { lastRecord: 0, close: async () => undefined }
        },
      },
    }
  }

  claim() {
    return claimPartition(this.#deps, 0, EPOCH, 72 * HOUR_MS)
  }

  async #give(take: (record: LogRecord) => Promise<void>): Promise<void> {
    for (const record of this.records) {
      this.beforeRecord()
      await take(record)
      this.given++
    }
  }
}

async function assertRefused(log: FakeLog, reason: string): Promise<void> {
  assert.deepEqual(await log.claim(), { kind: 'refused', reason })
  assert.equal(log.claims, 0)
}
