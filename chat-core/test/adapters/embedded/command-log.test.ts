import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openEmbeddedCommandLog } from '../../../src/adapters/embedded/command-log.ts'
import { systemClock } from '../../../src/adapters/embedded/clock.ts'
import type { LogEntry } from '../../../src/ports/command-log.ts'
import { userNamed } from '../../support/chat-core-process.ts'
import { eventually } from '../../support/eventually.ts'

const TRIP = newConversationId('group')
const LONG = 'x'.repeat(8_000)

it('takes no short command behind a long one that it had no room for', async () => {
  const log = openEmbeddedCommandLog({ clock: systemClock, generation: 1, partitions: 1 })
  while (await takes(log.append(0, entry(LONG))));
  const together = [log.append(0, entry(LONG)), log.append(0, entry('short'))]
  assert.deepEqual(await Promise.all(together.map(takes)), [false, false])
  await eventually(async () => assert.ok(await takes(log.append(0, entry('short')))))
  await log.close()
})

function entry(text: string): LogEntry {
  const content = { kind: 'send_message', text } as const
  const key = { kind: 'none' } as const
  const author = { conversationId: TRIP, authorId: userNamed('alice') }
  return { command: { ...author, key, contentHash: 0, content }, answerTo: undefined }
}

function takes(appended: Promise<void>): Promise<boolean> {
  return appended.then(
    () => true,
    () => false,
  )
}
