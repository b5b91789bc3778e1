import { describeDeadLetters } from './dead-letters.ts'
import { describeJobs } from './job-streams.ts'
import type { NatsClient } from './nats-client.ts'
import {
  openManager,
  provisionResource,
  requireResource,
  type NatsResource,
} from './nats-resource.ts'
import { describeOwners } from './owner-directory.ts'
import { provisionLog, requireLog, type LogProvision } from './provision-log.ts'

/** What streams and buckets of a deployment are made with. */
export type NatsProvision = LogProvision

/** Each part beside the log of the deployment in NATS describes what it needs in a function of its own file. */
type Describe = (provision: NatsProvision) => readonly NatsResource[]

const PARTS: readonly Describe[] = [describeOwners, describeJobs, describeDeadLetters]

/** Makes every stream, consumer and bucket of the deployment; run again, it changes nothing. */
export async function provisionNats(
  client: Pick<NatsClient, 'connection'>,
  provision: NatsProvision,
): Promise<void> {
  await provisionLog(await openManager(client), provision)
  await provisionBesideLog(client, provision)
}

/** Everything but the streams of the command log. */
export async function provisionBesideLog(
  client: Pick<NatsClient, 'connection'>,
  provision: NatsProvision,
): Promise<void> {
  const manager = await openManager(client)
  for (const resource of PARTS.flatMap((describe) => describe(provision)))
    await provisionResource(manager, resource)
}

/**
 * Gives the generation of the command log. Rejects with `unavailable`, naming `npm run provision`, unless
 * everything is there.
 */
export async function requireProvisionedNats(
  client: Pick<NatsClient, 'connection'>,
  provision: NatsProvision,
): Promise<{ readonly logGeneration: number }> {
  const manager = await openManager(client)
  const logGeneration = await requireLog(manager, provision)
  for (const resource of PARTS.flatMap((describe) => describe(provision)))
    await requireResource(manager, resource)
  return { logGeneration }
}
