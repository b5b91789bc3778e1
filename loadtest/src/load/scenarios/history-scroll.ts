import { Latencies } from '../../latencies.ts'
import { dividePeople } from '../divide-people.ts'
import { LoadFleet } from '../load-fleet.ts'
import type { ScrollResult } from '../parts/history-readers.ts'
import type { LoadRow, LoadRun, Scenario } from '../scenario.ts'
import { ServerMeter } from '../server-meter.ts'
import { sumOf } from '../sum-of.ts'
import { useRows } from '../use-rows.ts'

const GROUP_SIZE = 10
const MESSAGES = 500
const SHORT_MESSAGES = 60
const WARM_UP_SECONDS = 5
const SHORT_WARM_UP_SECONDS = 0.1

export const historyScroll: Scenario = {
  what: 'people who scroll up in groups with a history, page by page of 50',
  defaults: { users: 200, processes: 2, perSecond: 500, seconds: 30 },
  run,
}

async function run(options: LoadRun): Promise<readonly LoadRow[]> {
  const { target, perSecond, seconds, isShort, tell } = options
  const shares = dividePeople({ ...options, ...target, groupSize: GROUP_SIZE })
  const fleet = new LoadFleet('history-readers', shares)
  try {
    const meter = new ServerMeter(() => target.servers())
    const messages = isShort ? SHORT_MESSAGES : MESSAGES
    await fleet.askAll('prepare', { groupSize: GROUP_SIZE, messages })
    tell(`${options.users} people in groups with ${messages} messages each`)
    const pagesPerSecond = perSecond / shares.length
    const warmUp = isShort ? SHORT_WARM_UP_SECONDS : WARM_UP_SECONDS
    await fleet.askAll('scroll', { pagesPerSecond, seconds: warmUp })
    tell(`${perSecond} pages a second for ${seconds} s`)
    meter.begin()
    const results = await fleet.askAll('scroll', { pagesPerSecond, seconds })
    const use = meter.read()
    return [rowOf(results, use.cpuSeconds), ...useRows(use)]
  } finally {
    fleet.end()
  }
}

function rowOf(results: readonly ScrollResult[], cpuSeconds: number): LoadRow {
  const pages = sumOf(results, (result) => result.pages)
  const events = sumOf(results, (result) => result.events)
  const { p50, p99, max } = Latencies.merged(results.map(({ latencies }) => latencies)).summary()
  return {
    what: 'history scroll',
    values: {
      pages,
      events,
      failures: sumOf(results, ({ failures }) => failures),
      p50Ms: p50,
      p99Ms: p99,
      maxMs: max,
      cpuMicrosPerPage: Math.round((cpuSeconds * 1e6) / Math.max(1, pages)),
      cpuMicrosPerEvent: Math.round((cpuSeconds * 1e7) / Math.max(1, events)) / 10,
    },
  }
}
