import execution from 'k6/execution'
import { closeGroup, gatherGroup } from '../client/group.ts'
import { historyMs } from '../metrics.ts'
import type { Settings } from '../settings.ts'
import { countingFailures, type ScenarioRun } from './scenario-run.ts'

const MESSAGES = 30
const PAGE = 10
/** One takes well under a second. */
const READERS_PER_ARRIVAL = 3

export function historyScenario(settings: Settings, exec: string) {
  const { readersPerSecond, rampSeconds, holdSeconds } = settings
  return {
    executor: 'ramping-arrival-rate' as const,
    exec,
    timeUnit: '1m',
    startRate: 0,
    stages: [
      { duration: `${rampSeconds}s`, target: Math.ceil(readersPerSecond * 60) },
      { duration: `${holdSeconds}s`, target: Math.ceil(readersPerSecond * 60) },
    ],
    preAllocatedVUs: Math.ceil(readersPerSecond * READERS_PER_ARRIVAL) + 5,
    maxVUs: Math.ceil(readersPerSecond * READERS_PER_ARRIVAL * 5) + 5,
    gracefulStop: '30s',
  }
}

/** Somebody writes a few notes, and pages back through all of them. */
export async function readHistory(settings: Settings, run: ScenarioRun): Promise<void> {
  const name = `k6-${run.id}-reader-${execution.scenario.iterationInTest}`
  await countingFailures(async () => {
    const group = await gatherGroup(settings, [name])
    const { conversationId, members } = group
    try {
      const [reader] = members
      if (reader === undefined) throw new Error('nobody reads')
      for (let index = 0; index < MESSAGES; index++) {
        await reader.command(conversationId, { kind: 'send_message', text: `Note ${index}` })
      }
      let before: number | undefined
      for (let more = true; more;) {
        const askedMs = Date.now()
        const fields = { conversationId, before, after: undefined, around: undefined, limit: PAGE }
        const page = await reader.request('history', fields)
        historyMs.add(Date.now() - askedMs)
        more = page.more
        before = page.events[0]?.seq
      }
    } finally {
      closeGroup(group)
    }
  })
}
