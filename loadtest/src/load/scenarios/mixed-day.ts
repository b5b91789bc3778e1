import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import { dividePeople } from '../divide-people.ts'
import { growthRows } from '../growth-rows.ts'
import { GrowthWatch } from '../growth-watch.ts'
import { LoadFleet } from '../load-fleet.ts'
import type { DayResult } from '../parts/day-people.ts'
import type { LoadRow, LoadRun, Scenario } from '../scenario.ts'
import { ServerMeter } from '../server-meter.ts'
import { sumOf } from '../sum-of.ts'
import { useRows } from '../use-rows.ts'

const GROUP_SIZE = 10
const LOOKS = 40
const LEAST_LOOK_MS = 500
const MOST_LOOK_MS = 30_000
const DOINGS = ['come', 'chat', 'direct', 'react', 'scroll', 'read', 'photo', 'delivery'] as const

export const mixedDay: Scenario = {
  what: 'people who come and go, chat, react, scroll, read and show pictures, with @satchel/client',
  defaults: { users: 200, processes: 2, perSecond: 100, seconds: 60 },
  run,
}

async function run(options: LoadRun): Promise<readonly LoadRow[]> {
  const { target, perSecond, seconds } = options
  const shares = dividePeople({ ...options, ...target, groupSize: GROUP_SIZE })
  const fleet = new LoadFleet('day-people', shares)
  const watch = new GrowthWatch(target)
  const meter = new ServerMeter(() => target.servers())
  try {
    await fleet.askAll('prepare', GROUP_SIZE)
    options.tell(
      `${options.users} people in ${shares.length} processes, ${perSecond} actions a second`,
    )
    meter.begin()
    const watching = watchFor(options, watch)
    const actionsPerSecond = perSecond / shares.length
    const results = await fleet.askAll('live', { actionsPerSecond, seconds })
    await watching
    const use = meter.read()
    const done = DOINGS.map((doing) => doingRow(doing, results))
    const failures = sumOf(results, (result) => result.failures)
    const unfinished = sumOf(results, (result) => result.unfinished)
    const firstFailure = results.find((result) => result.firstFailure)?.firstFailure ?? 'none'
    return [
      ...done,
      { what: 'failures', values: { failures, unfinished, firstFailure } },
      ...growthRows(watch.series, perSecond * seconds),
      ...useRows(use),
    ]
  } finally {
    fleet.end()
  }
}

async function watchFor({ seconds, tell }: LoadRun, watch: GrowthWatch): Promise<void> {
  const everyMs = Math.min(MOST_LOOK_MS, Math.max(LEAST_LOOK_MS, (seconds * 1_000) / LOOKS))
  const startMs = performance.now()
  for (let look = 0; look * everyMs <= seconds * 1_000; look++) {
    await delay(startMs + look * everyMs - performance.now())
    tell(`${Math.round((look * everyMs) / 1_000)} s: ${await watch.look()}`)
  }
}

function doingRow(doing: (typeof DOINGS)[number], results: readonly DayResult[]): LoadRow {
  const latencies = Latencies.merged(results.map((result) => result.latencies[doing]))
  const { p50, p99, max } = latencies.summary()
  return { what: doing, values: { times: latencies.count, p50Ms: p50, p99Ms: p99, maxMs: max } }
}
