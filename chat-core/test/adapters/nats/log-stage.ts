import type { TestContext } from 'node:test'
import { openNatsCommandLog, type NatsCommandLog } from '../../../src/adapters/nats/command-log.ts'
import type { NatsClient } from '../../../src/adapters/nats/nats-client.ts'
import {
  openNatsPartitionLog,
  type NatsPartitionLog,
} from '../../../src/adapters/nats/partition-log.ts'
import { provisionNats, type NatsProvision } from '../../../src/adapters/nats/provision-nats.ts'
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
  more: Partial<NatsProvision> = {},
): Promise<string> {
  const deployment = newDeployment()
  const client = await openTestNatsClient(test, urls, deployment)
  const logMaxBytes = 16 * 1024 * 1024
  await provisionNats(client, { deployment, partitions: 1, replicas: 1, logMaxBytes, ...more })
  return deployment
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
