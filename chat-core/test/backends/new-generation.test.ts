import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import {
  newConversationId,
  newOutboxId,
  type CommandResult,
  type RequestedCommand,
} from '@satchel/protocol'
import {
  deploymentSettings,
  makeSecrets,
} from '../../../scripts/deployment/deployment-settings.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import { logStreamOf } from '../../src/adapters/nats/log-streams.ts'
import { startLogGeneration } from '../../src/adapters/nats/start-log-generation.ts'
import {
  openDistributedBackend,
  provisionDistributed,
  startNewGeneration,
} from '../../src/backends/index.ts'
import { natsProvisionOf } from '../../src/backends/nats-provision-of.ts'
import { openChatCoreProcess } from '../../src/chat-core-process.ts'
import { createSubmitter } from '../../src/create-submitter.ts'
import { partitionOf } from '../../src/domain/partition-of.ts'
import { createLog, createMetrics, readSettings } from '../../src/runtime/index.ts'
import { newDeployment, openTestNatsClient } from '../support/nats-clients.ts'
import { ALICE } from '../support/people.ts'

type ServiceAddresses = Parameters<typeof deploymentSettings>[0]['addresses']

const PARTITIONS = 4
const CREATE: RequestedCommand = {
  ...{ kind: 'create_conversation', conversationKind: 'group', memberIds: [] },
}
const run = promisify(execFile)

const context = {
  after,
  skip(reason: string): void {
    void it('begins a command log anew', { skip: reason })
  },
}
const addresses = await requireTestServices(context)
if (addresses !== undefined) describeNewGenerations(addresses)

function describeNewGenerations(services: ServiceAddresses): void {
  describe('a command log that is begun anew', { timeout: 240_000 }, () => {
    it('takes the place of a lost one: conversations go on behind what is stored', async (test) => {
      const deployment = await openDeployment(test, services)
      const { open, nats, partition } = deployment
      await provisionDistributed(open())
      const core = await deployment.openChatCore()
      await assert.rejects(startNewGeneration(open()), { message: /lives.*stop all gateways/ })
      const before = await deployment.openGateway()
      assert.equal((await before.ask(1, CREATE)).seq, 1)
      assert.equal((await before.say(2)).seq, 2)
      await before.close()
      await core.close()
      const manager = await nats.jetstreamManager()
      await manager.streams.delete(logStreamOf(deployment.name, partition))
      await assert.rejects(provisionDistributed(open()), { message: /partition \d is gone/ })

      assert.equal(await startNewGeneration(open()), 2)
      assert.equal(await startNewGeneration(open()), 2)
      await provisionDistributed(open())
      const next = await deployment.openChatCore()
      const gateway = await deployment.openGateway()
      assert.equal((await gateway.say(3)).seq, 3)
      // An answer that was given before is given again.
      assert.equal((await gateway.say(2)).seq, 2)
      assert.deepEqual(await gateway.readSeqs(), [1, 2, 3])
      await gateway.close()
      await next.close()
    })

    it('is what nobody starts on before it is finished, by asking for it again', async (test) => {
      const deployment = await openDeployment(test, services)
      const { open, client } = deployment
      await provisionDistributed(open())
      await startLogGeneration(client, natsProvisionOf(deployment.settings), 2)
      await assert.rejects(openDistributedBackend(open()), {
        message: /provision -- --new-generation/,
      })
      await assert.rejects(deployment.provisionBy('--new-generatoin'), {
        stderr: /--new-generatoin/,
      })
      const { stdout } = await deployment.provisionBy('--new-generation')
      assert.match(stdout, /of generation 2\n.* is provisioned\n/)
      await (await openDistributedBackend(open())).close()
    })
  })
}

/** On servers that others use too; the processes are parts of this one. */
async function openDeployment(test: TestContext, services: ServiceAddresses) {
  const name = newDeployment()
  const environment = {
    ...deploymentSettings({
      ...{ deployment: name, addresses: services, secrets: makeSecrets(), partitions: PARTITIONS },
    }),
    SATCHEL_PORT: '0',
  }
  const settings = readSettings(environment)
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  /** As one process: a metric is there once. */
  const open = () => ({ settings, log, metrics: createMetrics({ processMetrics: false }) })
  const client = await openTestNatsClient(test, services.nats, name)
  const conversationId = newConversationId('group')
  const outbox = newOutboxId()
  const opened = new Set<() => Promise<void>>()
  test.after(async () => {
    for (const close of opened) await close()
  })
  /** Closed by the test, or after it. */
  const closable = (close: () => Promise<void>) => {
    const closeOnce = async (): Promise<void> => {
      if (opened.delete(closeOnce)) await close()
    }
    opened.add(closeOnce)
    return closeOnce
  }
  return {
    ...{ name, settings, open, client },
    nats: client.connection,
    partition: partitionOf(conversationId, PARTITIONS),

    async openChatCore() {
      const deps = open()
      const backend = await openDistributedBackend(open())
      const core = await openChatCoreProcess({ ...deps, backend })
      return {
        close: closable(async () => {
          await core.close()
          await backend.close()
        }),
      }
    },

    async openGateway() {
      const backend = await openDistributedBackend(open())
      const gatewayId = `gateway_${newConversationId('group')}`
      const submitter = createSubmitter(backend, gatewayId)
      backend.bus.listen(gatewayId, (message) => {
        if (message.type === 'answer') submitter.take(message)
      })
      const line = submitter.openLine()
      const ask = (counter: number, command: RequestedCommand): Promise<CommandResult> => {
        const key = { kind: 'outbox', outbox, counter } as const
        return line.submit({ authorId: ALICE, conversationId, key, command, restart: true })
      }
      return {
        ask,
        say: (counter: number) => ask(counter, { kind: 'send_message', text: String(counter) }),
        async readSeqs() {
          const range = { after: 0, upTo: 100, limit: 100 }
          const events = await backend.timeline.read(conversationId, range)
          return events.map(({ seq }) => seq)
        },
        close: closable(async () => {
          submitter.close()
          await backend.close()
        }),
      }
    },

    provisionBy: (argument: string) =>
      run(process.execPath, [join('chat-core', 'src', 'provision-main.ts'), argument], {
        cwd: join(import.meta.dirname, '..', '..', '..'),
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      }),
  }
}
