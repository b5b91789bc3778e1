import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { openNatsOwnerRequests } from '../../../src/adapters/nats/owner-requests.ts'
import type { OwnerRequests } from '../../../src/ports/owner-requests.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeOwnerRequests } from '../../contracts/owner-requests.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { personNamed } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeNatsOwnerRequests(servers)

interface Stage {
  readonly client: NatsClient
  readonly requests: OwnerRequests
}

async function open(
  test: TestContext,
  { addresses }: RealServers,
  deployment = newDeployment(),
): Promise<Stage> {
  const client = await openTestNatsClient(test, addresses.nats, deployment)
  const telemetry = new RecordedServerTelemetry()
  const clock = createMonotonicClock()
  return { client, requests: openNatsOwnerRequests({ client, clock, telemetry }) }
}

function describeNatsOwnerRequests(servers: RealServers): void {
  const subject: ContractSubject<Stage> = {
    async open(test) {
      const deployment = newDeployment()
      const [one, other] = [
        await open(test, servers, deployment),
        await open(test, servers, deployment),
      ]
      return { one, other, advance: () => Promise.resolve() }
    },
  }
  describeOwnerRequests('nats', subject)

  describe('owner requests on NATS', () => {
    const headQuestion = () =>
      ({ ask: 'head', conversationId: newConversationId('group') }) as const

    it('asks once for what one turn of the loop asks', async (test) => {
      const { requests } = await open(test, servers)
      const batches: number[] = []
      requests.serve(0, (questions) => {
        batches.push(questions.length)
        return Promise.resolve(questions.map(() => undefined))
      })
      await requests.ask(0, [headQuestion()])
      await Promise.all(Array.from({ length: 200 }, () => requests.ask(0, [headQuestion()])))
      assert.deepEqual(batches, [1, 200])
    })

    it('divides questions whose answers may not fit into one message', async (test) => {
      const { requests } = await open(test, servers)
      const row = { role: 'member', joinedSeq: 1, settings: {} } as const
      requests.serve(0, (questions) =>
        Promise.resolve(
          questions.map(() =>
            Array.from({ length: 1_000 }, (_, n) => ({
              userId: personNamed(String(n).padStart(64, 'x')),
              ...row,
            })),
          ),
        ),
      )
      const conversationId = newConversationId('group')
      const question = { ask: 'members', conversationId, after: undefined, limit: 1_000 } as const
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => requests.ask(0, [question])),
      )
      for (const [members] of answers) assert.equal(members.length, 1_000)
    })

    it('refuses what is no question, and answers the next', async (test) => {
      const { client, requests } = await open(test, servers)
      requests.serve(0, (questions) => Promise.resolve(questions.map(() => undefined)))
      for (const payload of [[0xc1], [0xdd, 0xff, 0xff, 0xff, 0xff], [0x91, 0x91, 0xa1, 0x78]]) {
        const subject = `${client.deployment}.owner.0`
        const { data } = await client.connection.request(subject, new Uint8Array(payload))
        assert.equal(data.length, 0)
      }
      assert.deepEqual(await requests.ask(0, [headQuestion()]), [undefined])
    })

    it('takes no answer that does not fit the question', async (test) => {
      const { requests } = await open(test, servers)
      requests.serve(0, () => Promise.resolve([[]]))
      await assert.rejects(requests.ask(0, [headQuestion()]), { code: 'unavailable' })
    })

    it('refuses more open questions than a process may have', async (test) => {
      const { requests } = await open(test, servers)
      const all = Array.from({ length: 10_000 }, headQuestion)
      const open10k = assert.rejects(requests.ask(0, all), { code: 'unavailable' })
      await assert.rejects(requests.ask(1, [headQuestion()]), { code: 'unavailable' })
      await open10k
      requests.serve(1, (questions) => Promise.resolve(questions.map(() => undefined)))
      assert.deepEqual(await requests.ask(1, [headQuestion()]), [undefined])
    })

    it('rejects while there is no server, and is answered when there is one again', async (test) => {
      const { client, requests } = await open(test, servers)
      requests.serve(0, (questions) => Promise.resolve(questions.map(() => undefined)))
      await servers.server('nats').kill()
      await eventually(() => assert.equal(client.connected, false))
      await assert.rejects(requests.ask(0, [headQuestion()]), { code: 'unavailable' })
      await servers.server('nats').start()
      await eventually(async () => {
        assert.deepEqual(await requests.ask(0, [headQuestion()]), [undefined])
      })
    })
  })
}
