import { join } from 'node:path'
import { measureMedia } from '../media/measure-media.ts'
import type { Budget } from './budgets/budget.ts'
import { distributedBudgets } from './budgets/distributed-budgets.ts'
import { embeddedBudgets } from './budgets/embedded-budgets.ts'
import { killBudgets } from './budgets/kill-budgets.ts'
import { BUDGETED_MEDIA, mediaBudgets } from './budgets/media-budgets.ts'
import { ownerBudgets } from './budgets/owner-budgets.ts'
import { compareWithPeers } from './compare-with-peers.ts'
import { measureKills } from './measure-kills.ts'
import { measureOwnerKilled } from './owner/measure-owner-killed.ts'
import { runBench, type BenchOptions, type BenchResult } from './run-bench.ts'

export interface BudgetsResult {
  readonly budgets: readonly Budget[]
  /** What they were taken from. */
  readonly embedded: BenchResult
  readonly peers: BenchResult['rows'] | undefined
}

const KILL_SECONDS = { quick: 20, embedded: 60, distributed: 90 }
const MESSAGES_PER_SECOND = 1_000

/**
 * Every row of the budgets, in turn. Quick: those of one process alone. What cannot be measured here (no real servers, no
 * ffmpeg) is told and left out; the others go on.
 */
export async function measureBudgets(options: BenchOptions): Promise<BudgetsResult> {
  const { quick, only = '', folder, tell } = options
  const reasons = new Map<string, string>()
  async function take<Result>(
    name: string,
    isWanted: boolean,
    measure: () => Promise<Result>,
  ): Promise<Result | undefined> {
    if (!isWanted || !name.includes(only)) return undefined
    tell(`${name} …`)
    try {
      return await measure()
    } catch (error) {
      reasons.set(name, error instanceof Error ? error.message : String(error))
      tell(`${name}: ${reasons.get(name) ?? ''}`)
      return undefined
    }
  }
  const reasonOf = (name: string): string =>
    reasons.get(name) ?? (quick ? 'not with --quick' : 'it was left out')
  const embedded = await runBench(options)
  const isFull = !quick
  const peers = await take('distributed', isFull, () =>
    compareWithPeers({ ...options, messagesPerSecond: MESSAGES_PER_SECOND }),
  )
  const media = await take('media', isFull, () =>
    measureMedia({
      folder: join(folder, 'media'),
      quick,
      only: BUDGETED_MEDIA,
      mixedJobs: 0,
      tell,
    }),
  )
  const owner = await take('owner killed', isFull, () => measureOwnerKilled(options))
  const kills = {
    embedded: await take('process killed', true, () => {
      const seconds = quick ? KILL_SECONDS.quick : KILL_SECONDS.embedded
      return measureKills({ ...options, mode: 'embedded', seconds })
    }),
    distributed: await take('any process killed', isFull, () =>
      measureKills({ ...options, mode: 'distributed', seconds: KILL_SECONDS.distributed }),
    ),
  }
  const budgets = [
    ...embeddedBudgets(embedded),
    ...distributedBudgets(peers, reasonOf('distributed')),
    ...mediaBudgets(media, reasonOf('media')),
    ...ownerBudgets(owner, reasonOf('owner killed')),
    ...killBudgets(kills, reasonOf('any process killed')),
  ]
  return { budgets, embedded, peers }
}
