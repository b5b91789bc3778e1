import { delay } from '../../chaos/deadlines.ts'
import { Latencies } from '../../latencies.ts'
import { dividePeople } from '../divide-people.ts'
import { LoadFleet } from '../load-fleet.ts'
import type { ReturnWay, StormResult } from '../parts/returners.ts'
import type { LoadRow, LoadRun, Scenario } from '../scenario.ts'
import { ServerMeter, type ServerUse } from '../server-meter.ts'
import { sumOf } from '../sum-of.ts'
import { useRows } from '../use-rows.ts'

const GROUP_SIZE = 10
/** The first make the server's heap as large as connecting makes it, whoever stays; the rest are counted. */
const FIRST_PART = 0.1
const SETTLE_MS = 5_000
const SHORT_SETTLE_MS = 100
const DEADLINE_MS = 300_000
const BYTES_PER_MB = 1_048_576
/** Whose memory sockets are in: of one process of ours alone, or of the gateways. */
const HOLDERS = /^(satchel|gateway-\d+)$/
const WAYS: readonly ReturnWay[] = ['naive', 'jittered']

type Fleet = LoadFleet<'returners'>

export const reconnectStorm: Scenario = {
  what: 'people who sit there, are all cut at once, and come back: at once, and with jitter',
  defaults: { users: 10_000, processes: 2, perSecond: 0, seconds: 30 },
  run,
}

async function run(options: LoadRun): Promise<readonly LoadRow[]> {
  const { target, isShort, tell } = options
  const shares = dividePeople({ ...options, ...target, groupSize: GROUP_SIZE })
  const fleet = new LoadFleet('returners', shares)
  try {
    const settle = (): Promise<void> => delay(isShort ? SHORT_SETTLE_MS : SETTLE_MS)
    const meter = new ServerMeter(() => target.servers())
    const rows = [await idleRow(options, fleet, meter, settle)]
    for (const way of WAYS) {
      tell(`all are cut, and come back (${way})`)
      meter.begin()
      const results = await fleet.askAll('storm', { way, deadlineMs: DEADLINE_MS })
      const use = meter.read()
      const row = stormRow(way, options.users, results, use)
      tell(JSON.stringify(row))
      const { firstError } = results.find((result) => result.firstError !== undefined) ?? {}
      if (firstError !== undefined) tell(`the first attempt that failed: ${firstError}`)
      rows.push(row)
      await settle()
    }
    return [...rows, ...useRows(meter.read())]
  } finally {
    fleet.end()
  }
}

/** Memory and processor time of sockets that say nothing. */
async function idleRow(
  { users, seconds, tell }: LoadRun,
  fleet: Fleet,
  meter: ServerMeter,
  settle: () => Promise<void>,
): Promise<LoadRow> {
  await fleet.askAll('connect', { part: FIRST_PART, groupSize: GROUP_SIZE })
  await settle()
  const first = sumOf(await fleet.askAll('open'), (open) => open)
  const before = holdersRssBytes(meter.read())
  tell(`${first} of ${users} sockets`)
  await fleet.askAll('connect', { part: 1, groupSize: GROUP_SIZE })
  await settle()
  const sockets = sumOf(await fleet.askAll('open'), (open) => open)
  const after = holdersRssBytes(meter.read())
  tell(`${sockets} sockets; idle for ${seconds} s`)
  meter.begin()
  await delay(seconds * 1_000)
  const { cpuOfOne, loadAverage } = meter.read()
  return {
    what: 'idle',
    values: {
      sockets,
      rssBytesPerSocket: Math.round((after - before) / Math.max(1, sockets - first)),
      cpuOfOne,
      loadAverage,
    },
  }
}

function holdersRssBytes({ processes }: ServerUse): number {
  const holders = processes.filter(({ name }) => HOLDERS.test(name))
  return sumOf(holders, ({ rssMb }) => rssMb) * BYTES_PER_MB
}

function stormRow(
  way: ReturnWay,
  users: number,
  results: readonly StormResult[],
  use: ServerUse,
): LoadRow {
  const latencies = Latencies.merged(results.map((result) => result.latencies))
  const resumed = sumOf(results, (result) => result.resumed)
  // Of everybody, not only of those who came back.
  const part = (0.99 * users) / Math.max(1, resumed)
  return {
    what: `all cut, back ${way === 'naive' ? 'at once' : 'with jitter'}`,
    values: {
      resumed: `${resumed}/${users}`,
      p50Ms: Math.round(latencies.at(0.5)),
      p99ResumedMs: part > 1 ? 'never' : Math.round(latencies.at(part)),
      lastMs: Math.round(latencies.summary().max),
      errors: sumOf(results, ({ errors }) => errors),
      serverCpuSeconds: use.cpuSeconds,
      cpuOfOne: use.cpuOfOne,
      loadAverage: use.loadAverage,
    },
  }
}
