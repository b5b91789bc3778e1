import { Latencies } from '../../latencies.ts'
import { dividePeople } from '../divide-people.ts'
import { LoadFleet } from '../load-fleet.ts'
import type { TalkResult } from '../parts/group-talkers.ts'
import type { LoadRow, LoadRun, Scenario } from '../scenario.ts'
import { ServerMeter } from '../server-meter.ts'
import { sumOf } from '../sum-of.ts'
import { useRows } from '../use-rows.ts'

const GROUP_SIZE = 10
const WARM_UP_SECONDS = 12
const SHORT_WARM_UP_SECONDS = 0.2

export const steadyGroups: Scenario = {
  what: 'groups of 10, in which everybody says something in their turn',
  defaults: { users: 500, processes: 2, perSecond: 1_000, seconds: 30 },
  run,
}

async function run(options: LoadRun): Promise<readonly LoadRow[]> {
  const { target, perSecond, seconds, isShort, tell } = options
  const shares = dividePeople({ ...options, ...target, groupSize: GROUP_SIZE })
  const fleet = new LoadFleet('group-talkers', shares)
  try {
    const meter = new ServerMeter(() => target.servers())
    await fleet.askAll('prepare', GROUP_SIZE)
    tell(`${options.users} people in groups of ${GROUP_SIZE}, in ${shares.length} processes`)
    const messagesPerSecond = perSecond / shares.length
    const warmUp = isShort ? SHORT_WARM_UP_SECONDS : WARM_UP_SECONDS
    await fleet.askAll('talk', { messagesPerSecond, seconds: warmUp })
    tell(`${perSecond} messages a second for ${seconds} s`)
    meter.begin()
    const talks = await fleet.askAll('talk', { messagesPerSecond, seconds })
    const use = meter.read()
    return [rowOf(talks, use.cpuSeconds), ...useRows(use)]
  } finally {
    fleet.end()
  }
}

function rowOf(talks: readonly TalkResult[], cpuSeconds: number): LoadRow {
  const sent = sumOf(talks, (talk) => talk.sent)
  const delivered = sumOf(talks, (talk) => talk.delivered)
  const { p50, p99, max } = Latencies.merged(talks.map(({ latencies }) => latencies)).summary()
  return {
    what: 'steady groups',
    values: {
      sent,
      delivered: `${delivered}/${sumOf(talks, ({ expected }) => expected)}`,
      failures: sumOf(talks, ({ failures }) => failures),
      p50Ms: p50,
      p99Ms: p99,
      maxMs: max,
      cpuMicrosPerMessage: Math.round((cpuSeconds * 1e6) / Math.max(1, sent)),
    },
  }
}
