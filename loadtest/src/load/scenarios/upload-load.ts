import { Latencies } from '../../latencies.ts'
import { dividePeople } from '../divide-people.ts'
import { LoadFleet } from '../load-fleet.ts'
import type { UploadWorkResult } from '../parts/uploaders.ts'
import type { LoadRow, LoadRun, Scenario } from '../scenario.ts'
import { ServerMeter, type ServerUse } from '../server-meter.ts'
import { sumOf } from '../sum-of.ts'
import { useRows } from '../use-rows.ts'

const KINDS = [
  { what: 'control plane alone', sizeBytes: 0, partOfRate: 1 },
  { what: 'files of 256 KB', sizeBytes: 262_144, partOfRate: 0.1 },
] as const
const WARM_UP_SECONDS = 5
const SHORT_WARM_UP_SECONDS = 0.2

export const uploadLoad: Scenario = {
  what: 'uploads that are begun, asked about and given up; then a tenth as many with their bytes',
  defaults: { users: 200, processes: 2, perSecond: 200, seconds: 20 },
  run,
}

async function run(options: LoadRun): Promise<readonly LoadRow[]> {
  const { target, perSecond, seconds, isShort, tell } = options
  const shares = dividePeople({ ...options, ...target })
  const fleet = new LoadFleet('uploaders', shares)
  try {
    await fleet.askAll('prepare')
    const meter = new ServerMeter(() => target.servers())
    const rows: LoadRow[] = []
    const uses: LoadRow[] = []
    for (const { what, sizeBytes, partOfRate } of KINDS) {
      const uploadsPerSecond = (perSecond * partOfRate) / shares.length
      const warmUp = isShort ? SHORT_WARM_UP_SECONDS : WARM_UP_SECONDS
      await fleet.askAll('upload', { uploadsPerSecond, seconds: warmUp, sizeBytes })
      tell(`${what}: ${uploadsPerSecond * shares.length} a second for ${seconds} s`)
      meter.begin()
      const results = await fleet.askAll('upload', { uploadsPerSecond, seconds, sizeBytes })
      const use = meter.read()
      rows.push(rowOf(what, sizeBytes, results, use))
      uses.push(...useRows(use))
    }
    return [...rows, ...uses]
  } finally {
    fleet.end()
  }
}

function rowOf(
  what: string,
  sizeBytes: number,
  results: readonly UploadWorkResult[],
  { seconds, cpuSeconds, processes }: ServerUse,
): LoadRow {
  const uploads = sumOf(results, (result) => result.uploads)
  const merged = (name: 'begin' | 'end' | 'whole') =>
    Latencies.merged(results.map((result) => result[name])).summary()
  const gateways = processes.filter(({ name }) => name.startsWith('gateway'))
  const gatewaySeconds =
    gateways.length === 0 ? cpuSeconds : sumOf(gateways, (one) => one.cpuSeconds)
  const microsPerUpload = (cpu: number): number => Math.round((cpu * 1e6) / Math.max(1, uploads))
  return {
    what,
    values: {
      uploads,
      failures: sumOf(results, ({ failures }) => failures),
      beginP50Ms: merged('begin').p50,
      beginP99Ms: merged('begin').p99,
      endP99Ms: merged('end').p99,
      wholeP99Ms: merged('whole').p99,
      megabytesPerSecond: Math.round((uploads * sizeBytes) / 1e5 / seconds) / 10,
      gatewayCpuMicros: microsPerUpload(gatewaySeconds),
      allCpuMicros: microsPerUpload(cpuSeconds),
    },
  }
}
