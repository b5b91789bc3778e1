import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openEmbeddedBackend } from '../../src/backends/embedded.ts'
import { LaneCache } from '../../src/owner/lane-cache.ts'
import { PartitionOwner } from '../../src/owner/partition-owner.ts'
import { UndecidedBound } from '../../src/owner/undecided-bound.ts'
import { createTimers } from '../../src/runtime/timers.ts'
import { SETTINGS, commandOf, idOf, keyOf } from '../domain/conversation-run.ts'
import { eventually } from '../support/eventually.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const GROUP = idOf('group')

it('waits for room no longer than it has commands in work', async (test) => {
  const folder = await openTemporaryFolder()
  const onListenerError = (error: unknown): void => assert.ifError(error)
  const backend = await openEmbeddedBackend({
    ...{ dataDir: folder.path, pid: process.pid, onListenerError },
  })
  const undecided = new UndecidedBound(1, Number.POSITIVE_INFINITY)
  // Of another partition, which does not come to its end.
  undecided.enter(1, 1)
  const decided: number[] = []
  const owner = new PartitionOwner(
    {
      ...backend,
      ...{ timers: createTimers(), heads: undefined, cluster: undefined },
      telemetry: {
        committed: (commands) => decided.push(commands),
        commitFailed: () => assert.fail(),
        storeFailed: (_id, _attempts, error) => assert.ifError(error),
        deliveryFailed: (_id, error) => assert.ifError(error),
        commandPoisoned: (_id, _entry, error) => assert.ifError(error),
      },
    },
    {
      generation: 0,
      record: 0,
      epoch: undefined,
      claim: undefined,
      partition: 0,
      settings: SETTINGS,
    },
    { lanes: new LaneCache(10, 1_000), undecided },
  )
  test.after(async () => {
    await owner.close()
    await backend.close()
    await folder.remove()
  })
  for (let counter = 1; counter <= 5; counter++) {
    const command = commandOf(GROUP, 'ann', keyOf(1, counter), {
      ...{ kind: 'create_conversation', conversationKind: 'group', memberIds: [] },
    })
    await backend.commandLog.append(0, { command, answerTo: undefined })
    await eventually(() => assert.equal(decided.length, counter))
  }
  await eventually(() => assert.equal(undecided.waiting, 0))
})
