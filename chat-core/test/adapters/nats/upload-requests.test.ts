import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ChatError, newAttachmentId, newConversationId, type UploadState } from '@satchel/protocol'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { openNatsUploadRequests } from '../../../src/adapters/nats/upload-requests.ts'
import type {
  AnswerUploadRequest,
  UploadRequest,
  UploadRequests,
} from '../../../src/ports/upload-requests.ts'
import { createTimers } from '../../../src/runtime/timers.ts'
import { askForUploads } from '../../../src/uploads/answer-upload-request.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { personNamed } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

const alice = personNamed('alice')
const attachmentId = newAttachmentId()
const upload = {
  attachmentId,
  conversationId: newConversationId('group'),
  name: 'holiday.jpg',
  sizeBytes: 5_000_000,
  contentType: 'image/jpeg',
  sha256: Buffer.alloc(32, 7).toString('base64url'),
}
const requests: readonly UploadRequest[] = [
  { type: 'begin_upload', upload },
  { type: 'upload_parts', attachmentId, parts: [0, 3] },
  { type: 'upload_status', attachmentId },
  { type: 'complete_upload', attachmentId },
  { type: 'abort_upload', attachmentId },
]
const [begin, , status] = requests
const state: UploadState = {
  attachmentId,
  state: 'uploading',
  version: 1,
  partCount: 0,
  partBytes: 0,
  missingParts: [0],
  urls: [
    {
      part: 0,
      url: 'https://media.example/put',
      sizeBytes: 5_000_000,
      expiresAtMs: 1_790_000_000_000,
    },
  ],
}

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeUploadRequests(servers)

function describeUploadRequests({ addresses }: RealServers): void {
  /** One that asks, and what makes others serve: known to NATS when it resolves. */
  async function open(
    test: TestContext,
    deadlineMs?: number,
  ): Promise<{
    readonly asking: UploadRequests
    readonly client: NatsClient
    readonly serve: (answer: AnswerUploadRequest) => Promise<() => Promise<void>>
  }> {
    const deployment = newDeployment()
    const connect = () => openTestNatsClient(test, addresses.nats, deployment)
    const openRequests = (client: NatsClient): UploadRequests => {
      const telemetry = new RecordedServerTelemetry()
      return openNatsUploadRequests({ client, timers: createTimers(), telemetry, deadlineMs })
    }
    const client = await connect()
    return {
      client,
      asking: openRequests(client),
      async serve(answer) {
        const serving = await connect()
        const stop = openRequests(serving).serve(answer)
        await serving.connection.flush()
        return stop
      },
    }
  }

  describe('upload requests on NATS', () => {
    it('arrive as they were asked, and the answer as it was given', async (test) => {
      const { asking, serve } = await open(test)
      const taken: unknown[] = []
      await serve((userId, request) => {
        taken.push([userId, request])
        return Promise.resolve(state)
      })
      for (const request of requests) assert.deepEqual(await asking.ask(alice, request), state)
      assert.deepEqual(
        taken,
        requests.map((request) => [alice, request]),
      )
    })

    it('are refused with the code and the facts they were refused with', async (test) => {
      const { asking, serve } = await open(test)
      await serve(() =>
        Promise.reject(
          new ChatError('quota_exceeded', 'no more today', { limit: 7, remaining: 0 }),
        ),
      )
      await assert.rejects(asking.ask(alice, must(begin)), {
        code: 'quota_exceeded',
        message: 'no more today',
        details: { limit: 7, remaining: 0 },
      })
    })

    it('tell nobody what went wrong in another process', async (test) => {
      const { asking, serve } = await open(test)
      await serve(() => Promise.reject(new Error('password of the database: hunter2')))
      await assert.rejects(asking.ask(alice, must(status)), (error) => {
        assert.ok(error instanceof ChatError && error.code === 'internal')
        return !error.message.includes('hunter2')
      })
    })

    it('are answered where they are asked when nobody serves', async (test) => {
      const { asking, serve } = await open(test)
      const answer = askForUploads(asking, () => Promise.resolve({ ...state, version: 2 }))
      assert.equal((await answer(alice, must(status))).version, 2)
      const stop = await serve(() => Promise.resolve({ ...state, version: 3 }))
      assert.equal((await answer(alice, must(status))).version, 3)
      await stop()
      assert.equal((await answer(alice, must(status))).version, 2)
    })

    it('are answered where they are asked when the answer does not come in time', async (test) => {
      const { asking, serve } = await open(test, 200)
      const late = Promise.withResolvers<UploadState>()
      await serve(() => late.promise)
      const answer = askForUploads(asking, () => Promise.resolve({ ...state, version: 2 }))
      assert.equal((await answer(alice, must(begin))).version, 2)
      late.resolve(state)
    })

    it('are answered where they are asked when the two do not understand each other', async (test) => {
      const { asking, client, serve } = await open(test)
      await serve(() => Promise.resolve(state))
      const subject = `${client.deployment}.uploads`
      const reply = await client.connection.request(subject, new TextEncoder().encode('what?'))
      const other = await open(test)
      other.client.connection.subscribe(`${other.client.deployment}.uploads`, {
        callback: (_, message) => void message.respond(reply.data),
      })
      await other.client.connection.flush()
      assert.equal(await other.asking.ask(alice, must(status)), undefined)
      assert.deepEqual(await asking.ask(alice, must(status)), state)
    })

    it('are each taken by one of those who serve, and a leaving one answers what it has', async (test) => {
      const { asking, serve } = await open(test)
      const first = Promise.withResolvers<UploadState>()
      const taken = Promise.withResolvers<undefined>()
      const stop = await serve(() => {
        taken.resolve(undefined)
        return first.promise
      })
      const slow = asking.ask(alice, must(status))
      await taken.promise
      const hasStopped = stop()
      first.resolve({ ...state, version: 5 })
      assert.equal((await slow)?.version, 5)
      await hasStopped
      let answers = 0
      const answerOnce = () => {
        answers++
        return Promise.resolve(state)
      }
      await serve(answerOnce)
      await serve(answerOnce)
      await Promise.all(Array.from({ length: 50 }, () => asking.ask(alice, must(status))))
      assert.equal(answers, 50)
    })
  })
}

function must<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined)
  return value
}
