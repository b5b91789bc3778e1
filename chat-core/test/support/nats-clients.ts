import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { closeAfter } from '../../../scripts/close-after.mjs'
import { openNatsClient, type NatsClient } from '../../src/adapters/nats/nats-client.ts'
import { RecordedServerTelemetry } from './recorded-server-telemetry.ts'

/** A name that no other test's deployment has. */
export function newDeployment(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** As one process of a deployment has it, until the end of the test. */
export async function openTestNatsClient(
  test: TestContext,
  urls: readonly string[],
  deployment: string = newDeployment(),
): Promise<NatsClient> {
  const telemetry = new RecordedServerTelemetry()
  const client = await openNatsClient({ urls, deployment, name: test.name, telemetry })
  closeAfter(test, () => client.close())
  return client
}
