import type { TestContext } from 'node:test'
import { openNatsCommandLog, type NatsCommandLog } from '../../../src/adapters/nats/command-log.ts'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import { openManager, provisionResource } from '../../../src/adapters/nats/nats-resource.ts'
import { describeOwners } from '../../../src/adapters/nats/owner-directory.ts'
import {
  openNatsPartitionLog,
  type NatsPartitionLog,
} from '../../../src/adapters/nats/partition-log.ts'
import { provisionLog, type LogProvision } from '../../../src/adapters/nats/provision-log.ts'
import type { PublishDeadlines } from '../../../src/adapters/nats/record-publisher.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { createSystemClock, createTimers } from '../../../src/runtime/index.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

export const GENERATION = 1

/** A process that appends to the log, reads it, and looks after it. */
export interface LogStage {
  readonly client: NatsClient
  readonly clock: Clock
  readonly commandLog: NatsCommandLog
  readonly partitionLog: NatsPartitionLog
  readonly telemetry: RecordedServerTelemetry
}

export interface LogStageOptions {
  readonly deployment: string
  readonly partitions?: number
  readonly gatewayId?: string
  readonly deadlines?: PublishDeadlines
}

/** A deployment of the test's own. */
export async function provisionTestLog(
  test: TestContext,
  urls: readonly string[],
  more: Partial<LogProvision> = {},
): Promise<string> {
  const deployment = newDeployment()
  const client = await openTestNatsClient(test, urls, deployment)
  await provisionLogOf(client, more)
  return deployment
}

/** The log alone: servers reserve what streams may take, and a test's server has little. */
export async function provisionLogOf(
  client: NatsClient,
  more: Partial<LogProvision> = {},
): Promise<void> {
  const { deployment } = client
  const logMaxBytes = 16 * 1024 * 1024
  const provision = { deployment, partitions: 1, replicas: 1, logMaxBytes, ...more }
  const manager = await openManager(client)
  await provisionLog(manager, provision)
  for (const resource of describeOwners(provision)) await provisionResource(manager, resource)
}

export async function openLogStage(
  test: TestContext,
  urls: readonly string[],
  { deployment, partitions = 1, gatewayId = 'gateway', deadlines }: LogStageOptions,
): Promise<LogStage> {
  const client = await openTestNatsClient(test, urls, deployment)
  const telemetry = new RecordedServerTelemetry()
  const deps = { client, timers: createTimers(), telemetry, deadlines }
  const origin = { gatewayId, bootId: 'boot' }
  const commandLog = await openNatsCommandLog({
    ...{ ...deps, partitions, generation: GENERATION, origin },
  })
  const partitionLog = await openNatsPartitionLog(deps)
  test.after(async () => {
    partitionLog.close()
    await commandLog.close()
  })
  return { client, clock: createSystemClock(), commandLog, partitionLog, telemetry }
}
