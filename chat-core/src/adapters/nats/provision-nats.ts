import type { NatsClient } from './nats-client.ts'
import {
  openManager,
  provisionResource,
  requireResource,
  type NatsResource,
} from './nats-resource.ts'

/** What streams and buckets of a deployment are made with. */
export interface NatsProvision {
  readonly deployment: string
  readonly partitions: number
  /** On how many servers each is kept. */
  readonly replicas: number
  /** Of one partition of the log. */
  readonly logMaxBytes: number
}

/** Each part of the deployment in NATS describes what it needs in a function of its own file. */
type Describe = (provision: NatsProvision) => readonly NatsResource[]

const PARTS: readonly Describe[] = []

/** Makes every stream, consumer and bucket of the deployment; run again, it changes nothing. */
export async function provisionNats(
  client: Pick<NatsClient, 'connection'>,
  provision: NatsProvision,
): Promise<void> {
  const manager = await openManager(client)
  for (const resource of PARTS.flatMap((describe) => describe(provision)))
    await provisionResource(manager, resource)
}

/** Rejects with `unavailable`, naming `npm run provision`, unless everything is there. */
export async function requireProvisionedNats(
  client: Pick<NatsClient, 'connection'>,
  provision: NatsProvision,
): Promise<void> {
  const manager = await openManager(client)
  for (const resource of PARTS.flatMap((describe) => describe(provision)))
    await requireResource(manager, resource)
}
