import { Packr } from 'msgpackr'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import {
  describeDeadLetters,
  openNatsDeadLetters,
} from '../../../src/adapters/nats/dead-letters.ts'
import { openManager, provisionResource } from '../../../src/adapters/nats/nats-resource.ts'
import type { DeadLetter } from '../../../src/ports/dead-letters.ts'
import * as contract from '../../contracts/dead-letters.contract.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { startServersOfFile } from '../../support/real-servers.ts'

const servers = await startServersOfFile(['nats'])
if (servers !== undefined) {
  contract.describeDeadLetters('nats', {
    async open(test) {
      const deployment = newDeployment()
      const client = await openTestNatsClient(test, servers.addresses.nats, deployment)
      const manager = await openManager(client)
      for (const resource of describeDeadLetters({ deployment, replicas: 1 }))
        await provisionResource(manager, resource)
      const other = await openTestNatsClient(test, servers.addresses.nats, deployment)
      return { one: portsOf(client), other: portsOf(other), advance: async () => undefined }
    },
  })
}

function portsOf(client: NatsClient) {
  return { deadLetters: openNatsDeadLetters(client), kept: () => readAll(client) }
}

async function readAll(client: NatsClient): Promise<readonly DeadLetter[]> {
  const { streams } = await openManager(client)
  const name = `${client.deployment}_dead_letters`
  const { state } = await streams.info(name)
  const letters: DeadLetter[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const { data } = await streams.getMessage(name, { seq })
    letters.push(new Packr({ useRecords: false }).unpack(data) as DeadLetter)
  }
  return letters
}
