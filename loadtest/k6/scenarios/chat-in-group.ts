import execution from 'k6/execution'
import type { PushFrame } from '@satchel/protocol'
import { closeGroup, gatherGroup, type Group } from '../client/group.ts'
import { becomesTrue, pause } from '../client/pause.ts'
import { delivered, deliveryMs } from '../metrics.ts'
import type { Settings } from '../settings.ts'
import { countingFailures, type ScenarioRun } from './scenario-run.ts'

const TEXT_BYTES = 100
const ARRIVE_WITHIN_MS = 10_000

/** A virtual user is a whole group, since each has a JavaScript engine of its own, which costs more than a socket. */
export function chatScenario(settings: Settings, exec: string) {
  const { sockets, groupSize, rampSeconds, holdSeconds, chatSeconds } = settings
  const groups = Math.max(1, Math.round(sockets / groupSize))
  return {
    executor: 'ramping-vus' as const,
    exec,
    startVUs: 0,
    stages: [
      { duration: `${rampSeconds}s`, target: groups },
      { duration: `${holdSeconds}s`, target: groups },
    ],
    gracefulRampDown: '0s',
    gracefulStop: `${chatSeconds + ARRIVE_WITHIN_MS / 1_000 + 10}s`,
  }
}

/** People meet, talk for a while in an open loop, each message seen by all others, and go. */
export async function chatInGroup(settings: Settings, run: ScenarioRun): Promise<void> {
  const { vu } = execution
  const group = `k6-${run.id}-${vu.idInTest}-${vu.iterationInScenario}`
  const names = Array.from({ length: settings.groupSize }, (_, index) => `${group}-${index}`)
  await countingFailures(async () => {
    const gathered = await gatherGroup(settings, names)
    try {
      await talk(settings, gathered)
    } finally {
      closeGroup(gathered)
    }
  })
}

async function talk(settings: Settings, { conversationId, members }: Group): Promise<void> {
  let arrived = 0
  for (const member of members) {
    member.onPush = (frame) => {
      const dueMs = dueMsOf(frame, member.userId)
      if (dueMs === undefined) return
      arrived++
      deliveryMs.add(Date.now() - dueMs)
    }
  }
  const { messagesPerSecond, chatSeconds } = settings
  // Groups that came at the same moment do not speak at the same moment.
  const startMs = Date.now() + (Math.random() * 1_000) / messagesPerSecond
  const sent: Promise<unknown>[] = []
  for (let index = 0; index < messagesPerSecond * chatSeconds; index++) {
    const dueMs = startMs + (index * 1_000) / messagesPerSecond
    await pause(dueMs - Date.now())
    const text = `${dueMs.toFixed(0)} `.padEnd(TEXT_BYTES, '.')
    const asked = members[index % members.length]?.command(conversationId, {
      kind: 'send_message',
      text,
    })
    if (asked !== undefined) sent.push(asked)
  }
  await Promise.all(sent)
  const due = sent.length * (members.length - 1)
  await becomesTrue(() => arrived >= due, ARRIVE_WITHIN_MS)
  for (let index = 0; index < due; index++) delivered.add(index < arrived)
}

/** When a message of somebody else was to be sent. */
function dueMsOf(frame: PushFrame, readerId: string): number | undefined {
  if (frame.type !== 'event' || frame.event.authorId === readerId) return undefined
  const { content } = frame.event
  return content.kind === 'message_sent' ? Number.parseInt(content.body.text ?? '', 10) : undefined
}
