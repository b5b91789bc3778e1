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

export function openManager(
  client: Pick<NatsClient, 'connection'>,
  timeoutMs: number = REQUEST_TIMEOUT_MS,
): Promise<JetStreamManager> {
  return client.connection.jetstreamManager({ checkAPI: false, timeout: timeoutMs })
}

/**
 * Makes the resource, or changes it to what is described; nothing when it is like that already. Throws instead of
 * keeping a stream on fewer servers than before.
 */
export async function provisionResource(
  manager: JetStreamManager,
  resource: NatsResource,
): Promise<void> {
  const name = nameOf(resource)
  try {
    const found = await readConfig(manager, resource)
    refuseFewerReplicas(resource, found)
    if (found === undefined) await make(manager, resource)
    else if (differences(resource.config, found).length > 0) await change(manager, resource)
  } catch (error) {
    throw error instanceof ChatError ? error : natsError(`provision ${name}`, error)
  }
}

/** That is nothing to be done by a setting that was left out. */
function refuseFewerReplicas(
  resource: NatsResource,
  found: StreamConfig | ConsumerConfig | undefined,
): void {
  const { num_replicas: wanted } = resource.config
  if (resource.kind !== 'stream' || wanted === undefined || found?.num_replicas === undefined)
    return
  if (found.num_replicas <= wanted) return
  const { name } = resource.config
  throw new ChatError(
    'internal',
    `stream ${name} is kept by ${found.num_replicas} servers, SATCHEL_NATS_REPLICAS asks for ${wanted}: if fewer are meant, say so to NATS (nats stream edit ${name} --replicas ${wanted})`,
  )
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

/** `undefined` when there is no such stream; rejects with the driver's error. */
export async function readStreamConfig(
  manager: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  return orUndefined(async () => (await manager.streams.info(name)).config)
}

function readConfig(
  manager: JetStreamManager,
  resource: NatsResource,
): Promise<StreamConfig | ConsumerConfig | undefined> {
  if (resource.kind === 'stream') return readStreamConfig(manager, resource.config.name)
  const { stream, config } = resource
  return orUndefined(async () => (await manager.consumers.info(stream, config.durable_name)).config)
}

async function orUndefined<Found>(ask: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await ask()
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
export function differences(described: object, found: object): readonly string[] {
  const present: ReadonlyMap<string, unknown> = new Map(Object.entries(found))
  return Object.entries(described).flatMap(([field, value]: [string, unknown]) =>
    isAsDescribed(value, present.get(field)) ? [] : [field],
  )
}

/** Of a map (metadata) only what is named counts: servers add entries of their own. */
function isAsDescribed(described: unknown, found: unknown): boolean {
  if (isMap(described)) return isMap(found) && differences(described, found).length === 0
  return JSON.stringify(found) === JSON.stringify(described)
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
