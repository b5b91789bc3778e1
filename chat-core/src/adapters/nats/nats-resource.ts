import { ChatError } from '@satchel/protocol'
import { NatsError, type ConsumerConfig, type JetStreamManager, type StreamConfig } from 'nats'
import type { NatsClient } from './nats-client.ts'
import { natsError } from './nats-error.ts'

/** What is provisioned in JetStream: a stream, or a durable consumer of one. Only what is named is compared. */
export type NatsResource =
  | { readonly kind: 'stream'; readonly config: StreamDescription }
  | {
      readonly kind: 'consumer'
      readonly stream: string
      readonly config: ConsumerDescription
    }

export type StreamDescription = Partial<Omit<StreamConfig, 'name'>> & { readonly name: string }

export type ConsumerDescription = Partial<Omit<ConsumerConfig, 'durable_name'>> & {
  readonly durable_name: string
}

const REQUEST_TIMEOUT_MS = 10_000
const NOT_FOUND = 404

export function openManager(client: Pick<NatsClient, 'connection'>): Promise<JetStreamManager> {
  return client.connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
}

/** Makes the resource, or changes it to what is described; nothing when it is like that already. */
export async function provisionResource(
  manager: JetStreamManager,
  resource: NatsResource,
): Promise<void> {
  const name = nameOf(resource)
  try {
    const found = await readConfig(manager, resource)
    if (found === undefined) await make(manager, resource)
    else if (differences(resource.config, found).length > 0) await change(manager, resource)
  } catch (error) {
    throw natsError(`provision ${name}`, error)
  }
}

/** Throws, naming `npm run provision`, when the resource is missing. */
export async function requireResource(
  manager: JetStreamManager,
  resource: NatsResource,
): Promise<void> {
  const name = nameOf(resource)
  let found: object | undefined
  try {
    found = await readConfig(manager, resource)
  } catch (error) {
    throw natsError(`be asked for ${name}`, error)
  }
  if (found === undefined)
    throw new ChatError('unavailable', `NATS has no ${name}: run \`npm run provision\``)
}

function nameOf(resource: NatsResource): string {
  return resource.kind === 'stream'
    ? `stream ${resource.config.name}`
    : `consumer ${resource.config.durable_name} of stream ${resource.stream}`
}

async function readConfig(
  manager: JetStreamManager,
  resource: NatsResource,
): Promise<StreamConfig | ConsumerConfig | undefined> {
  try {
    if (resource.kind === 'stream') return (await manager.streams.info(resource.config.name)).config
    const { stream, config } = resource
    return (await manager.consumers.info(stream, config.durable_name)).config
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.code === NOT_FOUND) return undefined
    throw error
  }
}

async function make(manager: JetStreamManager, resource: NatsResource): Promise<void> {
  if (resource.kind === 'stream') await manager.streams.add(resource.config)
  else await manager.consumers.add(resource.stream, resource.config)
}

async function change(manager: JetStreamManager, resource: NatsResource): Promise<void> {
  if (resource.kind === 'stream')
    await manager.streams.update(resource.config.name, resource.config)
  else
    await manager.consumers.update(resource.stream, resource.config.durable_name, resource.config)
}

/** Which described fields are otherwise than described. */
function differences(described: object, found: object): readonly string[] {
  const present: ReadonlyMap<string, unknown> = new Map(Object.entries(found))
  return Object.entries(described).flatMap(([field, value]) =>
    JSON.stringify(present.get(field)) === JSON.stringify(value) ? [] : [field],
  )
}
