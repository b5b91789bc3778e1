import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openNatsMembers } from '../../../src/adapters/nats/members.ts'
import { partitionOf } from '../../../src/domain/partition-of.ts'
import { openNatsOwnerRequests } from '../../../src/adapters/nats/owner-requests.ts'
import type { ConversationStore } from '../../../src/ports/conversation-store.ts'
import type { Members } from '../../../src/ports/members.ts'
import type { OwnerRequests } from '../../../src/ports/owner-requests.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeMembers } from '../../contracts/members.contract.ts'
import { answerFromStore } from '../../support/answer-from-store.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { personNamed } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'
import { openStoredConversations } from '../../support/stored-conversations.ts'

const PARTITIONS = 4

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) describeNatsMembers(servers)

interface Stage {
  readonly conversations: ConversationStore
  readonly requests: OwnerRequests
  readonly members: Members
}

async function open(
  test: TestContext,
  { addresses }: RealServers,
  conversations: ConversationStore,
  deployment: string,
): Promise<Stage> {
  const requests = openNatsOwnerRequests({
    client: await openTestNatsClient(test, addresses.nats, deployment),
    clock: createMonotonicClock(),
    telemetry: new RecordedServerTelemetry(),
  })
  return { conversations, requests, members: openNatsMembers({ requests, partitions: PARTITIONS }) }
}

function describeNatsMembers(servers: RealServers): void {
  const subject: ContractSubject<Stage> = {
    async open(test) {
      const deployment = newDeployment()
      const conversations = await openStoredConversations(test)
      const [one, other] = [
        await open(test, servers, conversations, deployment),
        await open(test, servers, conversations, deployment),
      ]
      for (let partition = 0; partition < PARTITIONS; partition++)
        one.requests.serve(partition, answerFromStore(conversations))
      return { one, other, advance: () => Promise.resolve() }
    },
  }
  describeMembers('nats', subject)

  describe('members on NATS', () => {
    it('gathers a long list from as many questions as it takes', async (test) => {
      const all = Array.from({ length: 2_500 }, (_, n) => personNamed(String(n).padStart(5, '0')))
      const conversations = await openStoredConversations(test)
      const { requests, members } = await open(test, servers, conversations, newDeployment())
      const limits: number[] = []
      const id = newConversationId('group')
      requests.serve(partitionOf(id, PARTITIONS), (questions) =>
        Promise.resolve(
          questions.map((question) => {
            if (question.ask !== 'members') return undefined
            const { after = '', limit } = question
            limits.push(limit)
            const page = all.filter((userId) => userId > after).slice(0, limit)
            return page.map((userId) => ({ userId, role: 'member', joinedSeq: 1, settings: {} }))
          }),
        ),
      )
      const list = await members.list(id, { limit: 2_400 })
      assert.deepEqual(
        list.map(({ userId }) => userId),
        all.slice(0, 2_400),
      )
      assert.deepEqual(limits, [1_000, 1_000, 400])
    })
  })
}
