import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { newConversationId, type ConversationId } from '@satchel/protocol'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import { requireWhole } from '../support/killed-conversation.ts'

const child = join(import.meta.dirname, '../support/committing-child-main.ts')
const conversationIds = Array.from({ length: 20 }, () => newConversationId('group'))

describe('a process that is killed', { concurrency: 2 }, () => {
  for (const { kind, textLength, rounds } of [
    { kind: 'short texts', textLength: 40, rounds: 6 },
    // Each file of the journal is full several times a second.
    { kind: 'long texts', textLength: 8_000, rounds: 6 },
  ]) {
    test(`whatever moment the process is killed at, ${kind}: what settled is there, the rest whole or not at all`, async (context) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'satchel-kill-'))
      context.after(() => rm(dataDir, { recursive: true }))
      const settled = new Map<string, number>()
      for (let round = 0; round < rounds; round++) {
        await commitUntilKilled(dataDir, textLength, settled)
        const backend = await openEmbeddedBackend({ dataDir, pid: process.pid, onListenerError })
        try {
          let total = 0
          for (const id of conversationIds) {
            const seq = await requireWhole(backend, id, textLength)
            const promised = settled.get(id) ?? 0
            assert.ok(seq >= promised, `${id} is at ${seq}, but ${promised} had settled`)
            assert.ok(
              seq <= promised + 1,
              `${id} is at ${seq}, though ${promised + 1} was the last`,
            )
            settled.set(id, seq)
            total += seq
          }
          context.diagnostic(`round ${round + 1}: ${total} commits so far`)
        } finally {
          await backend.close()
        }
      }
      assert.ok([...settled.values()].every((seq) => seq > 0))
    })
  }
})

/** Notes what the child reports as settled up to its end. */
async function commitUntilKilled(
  dataDir: string,
  textLength: number,
  settled: Map<string, number>,
): Promise<void> {
  const args = [child, dataDir, conversationIds.join(','), String(textLength)]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.stdout.setEncoding('utf8')
  let rest = ''
  let ending: NodeJS.Timeout | undefined
  running.stdout.on('data', (text: string) => {
    ending ??= setTimeout(() => running.kill('SIGKILL'), 100 + Math.random() * 1_900)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) note(settled, line)
  })
  const ended: readonly unknown[] = await once(running, 'close')
  assert.equal(ended[1], 'SIGKILL', 'the child ended by itself')
}

function note(settled: Map<string, number>, line: string): void {
  const [id, seq] = line.split(' ')
  if (id !== undefined && seq !== undefined && isOurs(id)) settled.set(id, Number(seq))
}

function isOurs(id: string): id is ConversationId {
  return conversationIds.some((ours) => ours === id)
}

function onListenerError(error: unknown): never {
  throw error
}
