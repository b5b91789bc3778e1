import { ChatError } from '@satchel/protocol'
import {
  DiscardPolicy,
  nanos,
  NatsError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from 'nats'
import { PARTITION_HASH } from '../../domain/partition-of.ts'
import { GENERATION_KEY, logStreamOf, logSubjectOf } from './log-streams.ts'
import { natsError } from './nats-error.ts'
import {
  differences,
  provisionResource,
  readStreamConfig,
  type StreamDescription,
} from './nats-resource.ts'

/** How the command log of a deployment is made. */
export interface LogProvision {
  readonly deployment: string
  readonly partitions: number
  /** On how many servers each partition is kept. */
  readonly replicas: number
  /** Of one partition. */
  readonly logMaxBytes: number
  /** For how long streams recognise a record that comes again; two minutes unless given. */
  readonly duplicateWindowMs?: number | undefined
}

type Manager = JetStreamManager
/** By partition. */
type Found = readonly (StreamConfig | undefined)[]

// A cluster makes a stream in some 50 ms, mostly by waiting.
const STREAMS_AT_ONCE = 16
const PARTITIONS_KEY = 'satchel_partitions'
const HASH_KEY = 'satchel_partition_hash'
const FIRST_GENERATION = 1
/** JetStream reserves what a stream may take at most. */
const STORAGE_EXCEEDED = 10_047

/** Makes the streams, or what is missing of them; gives the log's generation, which stays as it is. */
export async function provisionLog(manager: Manager, provision: LogProvision): Promise<number> {
  const found = await readStreams(manager, provision)
  requireSameMap(found, provision)
  const [generation = FIRST_GENERATION, ...others] = generationsOf(found)
  if (others.length > 0) throw halfMade(provision)
  await forEachPartition(provision, (partition) =>
    provisionStream(manager, provision, describeLogStream(provision, partition, generation)),
  )
  return generation
}

/** The log's generation; rejects, naming `npm run provision`, unless all streams are as they must be. */
export async function requireLog(manager: Manager, provision: LogProvision): Promise<number> {
  const found = await readStreams(manager, provision)
  requireSameMap(found, provision)
  const [generation, ...others] = generationsOf(found)
  if (generation === undefined || found.includes(undefined))
    throw new ChatError('unavailable', `NATS lacks streams of ${nameOf(provision)}: ${ADVICE}`)
  if (others.length > 0) throw halfMade(provision)
  for (const [partition, config] of found.entries()) requireRules(config, partition, provision)
  return generation
}

/** What readers and writers rest on; the rest is the operator's choice. */
function describeRules(
  { deployment, partitions }: LogProvision,
  partition: number,
): StreamDescription {
  return {
    name: logStreamOf(deployment, partition),
    subjects: [logSubjectOf(deployment, partition)],
    storage: StorageType.File,
    // Records go when their owner says so, and never to make room.
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    sealed: false,
    metadata: { [PARTITIONS_KEY]: String(partitions), [HASH_KEY]: PARTITION_HASH },
  }
}

export function describeLogStream(
  provision: LogProvision,
  partition: number,
  generation: number,
): StreamDescription {
  const rules = describeRules(provision, partition)
  return {
    ...rules,
    max_bytes: provision.logMaxBytes,
    num_replicas: provision.replicas,
    duplicate_window: nanos(provision.duplicateWindowMs ?? 120_000),
    allow_direct: true,
    metadata: { ...rules.metadata, [GENERATION_KEY]: String(generation) },
  }
}

export async function readStreams(manager: Manager, provision: LogProvision): Promise<Found> {
  const found: (StreamConfig | undefined)[] = []
  try {
    await forEachPartition(provision, async (partition) => {
      found[partition] = await readStreamConfig(
        manager,
        logStreamOf(provision.deployment, partition),
      )
    })
  } catch (error) {
    throw natsError(`be asked for ${nameOf(provision)}`, error)
  }
  return found
}

/** Many at once. */
export async function forEachPartition(
  { partitions }: LogProvision,
  work: (partition: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < partitions) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(STREAMS_AT_ONCE, partitions) }, worker))
}

export async function provisionStream(
  manager: Manager,
  provision: LogProvision,
  config: StreamDescription,
): Promise<void> {
  try {
    await provisionResource(manager, { kind: 'stream', config })
  } catch (error) {
    if (!isOutOfRoom(error)) throw error
    const { partitions, logMaxBytes } = provision
    const what = `NATS has no room for ${partitions} streams of ${logMaxBytes} bytes each`
    const advice = 'give its servers more, or lower SATCHEL_LOG_MAX_BYTES'
    throw new ChatError('unavailable', `${what}: ${advice}`, { cause: error })
  }
}

function isOutOfRoom(error: unknown): boolean {
  const cause = error instanceof ChatError ? error.cause : undefined
  return cause instanceof NatsError && cause.api_error?.err_code === STORAGE_EXCEEDED
}

export function generationOf(config: StreamConfig): number {
  return Number(config.metadata?.[GENERATION_KEY] ?? 0)
}

/** Those there are, each once. */
function generationsOf(found: Found): readonly number[] {
  return [
    ...new Set(found.flatMap((config) => (config === undefined ? [] : [generationOf(config)]))),
  ]
}

const ADVICE = 'run `npm run provision`'

function nameOf({ deployment }: LogProvision): string {
  return `the command log of ${deployment}`
}

function halfMade(provision: LogProvision): ChatError {
  const what = `${nameOf(provision)} is of several generations`
  return new ChatError(
    'unavailable',
    `${what}: run \`npm run provision -- --new-generation\` again`,
  )
}

/** Conversations are found by the number of partitions and by the hash: with others they would be misfiled. */
export function requireSameMap(found: Found, provision: LogProvision): void {
  const expected = `${provision.partitions} by ${PARTITION_HASH}`
  for (const config of found) {
    if (config === undefined) continue
    const map = `${config.metadata?.[PARTITIONS_KEY]} by ${config.metadata?.[HASH_KEY]}`
    if (map === expected) continue
    const what = `${nameOf(provision)} was provisioned with the partitions ${map}`
    throw new ChatError('unavailable', `${what}, and SATCHEL_PARTITIONS makes them ${expected}`)
  }
}

function requireRules(
  found: StreamConfig | undefined,
  partition: number,
  provision: LogProvision,
): void {
  const rules = describeRules(provision, partition)
  const wrong = differences(rules, found ?? {})
  if (wrong.length === 0) return
  const what = `Stream ${rules.name} is not as a log must be (${wrong.join(', ')})`
  throw new ChatError('unavailable', `${what}: ${ADVICE}`)
}
