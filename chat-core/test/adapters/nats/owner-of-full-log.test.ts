import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { ConversationEvent } from '@satchel/protocol'
import { openEmbeddedBackend } from '../../../src/backends/embedded.ts'
import type { Backend } from '../../../src/backends/backend.ts'
import type { CommandContent } from '../../../src/domain/command.ts'
import { claimPartition, type ClaimDeps } from '../../../src/owner/claim-partition.ts'
import { OwnedPartition, type OwnedPartitionDeps } from '../../../src/owner/owned-partition.ts'
import { createOwnerRoom } from '../../../src/owner/owner-room.ts'
import type { Checkpoint } from '../../../src/ports/checkpoints.ts'
import { eventually } from '../../support/eventually.ts'
import { ManualTimers } from '../../support/manual-timers.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { openLogStage, provisionLogOf, provisionTestLog, type LogStage } from './log-stage.ts'
import { oneTo, ResendingSender } from './resending-sender.ts'

const LOG_MAX_BYTES = 1024 * 1024
const LOG_RETENTION_MS = 72 * 3_600_000
/** More than the log holds three times over. */
const COMMANDS = 400
const FILLING = 'x'.repeat(8_000)
const EPOCH = {
  ownerId: 'owner',
  rulesVersion: 1,
  settings: { clientsMayCreateGroups: true, historyForNewcomers: true, eraseBlanksMessages: true },
}

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeOwner(servers)

function describeOwner({ addresses }: RealServers): void {
  describe('the owner of a log without room', { timeout: 120_000 }, () => {
    it('makes room behind its checkpoint, and whoever was refused loses nothing', async (test) => {
      const deployment = await provisionTestLog(test, addresses.nats, {
        logMaxBytes: LOG_MAX_BYTES,
      })
      const gateway = await openLogStage(test, addresses.nats, { deployment })
      const core = await openLogStage(test, addresses.nats, { deployment })
      const backend = await openBackend(test)
      const timers = new ManualTimers()
      const owned = await claim(test, core, backend, timers)
      const sender = new ResendingSender(contentOf)
      const sent = sender.send(COMMANDS, () => gateway.commandLog, 4)
      // Time stands still: nothing is purged before it is full.
      await eventually(() => assert.ok(sender.refusals.length > 0))
      await eventually(() => {
        timers.advance(1_000)
        owned.tick()
        assert.equal(sender.kept.size, COMMANDS)
      }, 60_000)
      await sent
      assert.deepEqual(new Set(sender.refusals), new Set(['storage_full']))
      await eventually(async () => {
        const events = await readEvents(backend, sender)
        assert.deepEqual(events.map(counterOf), oneTo(COMMANDS))
      })
    })

    it('finds room to claim it once it is provisioned with more', async (test) => {
      const deployment = await provisionTestLog(test, addresses.nats, {
        logMaxBytes: LOG_MAX_BYTES,
      })
      const { client, commandLog, partitionLog } = await openLogStage(test, addresses.nats, {
        deployment,
      })
      const sender = new ResendingSender()
      // Down to the last hundred bytes, and nobody has decided any of it.
      const fill = [
        () => commandLog.append(0, sender.entry(1, FILLING)),
        () => partitionLog.claim(0, EPOCH),
      ]
      for (const append of fill) {
        await assert.rejects(
          async () => {
            for (;;) await append()
          },
          { code: 'storage_full', retryable: true },
        )
      }
      const { lastRecord } = await partitionLog.extent(0)
      await provisionLogOf(client, { logMaxBytes: 2 * LOG_MAX_BYTES })
      assert.equal(await partitionLog.claim(0, EPOCH), lastRecord + 1)
    })
  })
}

/** The first makes the conversation, the others say which they are. */
function contentOf(counter: number): CommandContent {
  return counter === 1
    ? { kind: 'create_conversation', conversationKind: 'group', memberIds: [] }
    : { kind: 'send_message', text: `${String(counter)} ${FILLING}` }
}

function counterOf({ content }: ConversationEvent): number {
  return content.kind === 'message_sent' ? Number.parseInt(content.body.text ?? '', 10) : 1
}

function readEvents({ timeline }: Backend, { conversationId }: ResendingSender) {
  return timeline.read(conversationId, { after: 0, upTo: 2 * COMMANDS, limit: 2 * COMMANDS })
}

async function openBackend(test: TestContext): Promise<Backend> {
  const folder = await openTemporaryFolder()
  const backend = await openEmbeddedBackend({
    dataDir: folder.path,
    pid: process.pid,
    onListenerError: () => undefined,
  })
  test.after(async () => {
    await backend.close()
    await folder.remove()
  })
  return backend
}

/** An owner on the real log, over a store in this process. */
async function claim(
  test: TestContext,
  { commandLog, partitionLog }: LogStage,
  backend: Backend,
  timers: ManualTimers,
): Promise<OwnedPartition> {
  let stored: Checkpoint | undefined
  const checkpoints = {
    read: () => Promise.resolve(stored),
    write: (_partition: number, checkpoint: Checkpoint) => {
      stored = checkpoint
      return Promise.resolve()
    },
  }
  const problems: unknown[] = []
  const note = (...facts: unknown[]): void => void problems.push(facts)
  const deps: OwnedPartitionDeps & ClaimDeps = {
    ...{ ...backend, commandLog, partitionLog, checkpoints, timers },
    ...{ heads: undefined, cluster: undefined },
    telemetry: {
      committed: () => undefined,
      commitFailed: note,
      storeFailed: note,
      deliveryFailed: note,
      commandPoisoned: note,
      upkeepFailed: note,
    },
  }
  const claimed = await claimPartition(deps, 0, EPOCH, LOG_RETENTION_MS)
  assert.ok(claimed.kind === 'claimed')
  const options = { room: createOwnerRoom(), logRetentionMs: LOG_RETENTION_MS }
  const owned = new OwnedPartition(deps, claimed.start, options)
  test.after(async () => {
    await owned.handOver(5_000)
    assert.deepEqual(problems, [])
  })
  return owned
}
