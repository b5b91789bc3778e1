import { Packr } from 'msgpackr'
import { DiscardPolicy, RetentionPolicy, StorageType, nanos, type JetStreamClient } from 'nats'
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError } from './nats-error.ts'
import type { NatsResource } from './nats-resource.ts'

const KEPT_DAYS = 30
const DAY_MS = 24 * 3_600_000
const MAX_BYTES = 64 * 1024 * 1024
/** Whoever takes a partition over meets the same fault within this time, if at all. */
const DUPLICATE_WINDOW_MS = 10 * 60_000
const PUBLISH_TIMEOUT_MS = 5_000

/** A stream in which commands that made the rules throw are kept for a month, the oldest going first. */
export function describeDeadLetters({
  deployment,
  replicas,
}: {
  readonly deployment: string
  readonly replicas: number
}): readonly NatsResource[] {
  return [
    {
      kind: 'stream',
      config: {
        name: `${deployment}_dead_letters`,
        subjects: [`${deployment}.dead_letters.>`],
        storage: StorageType.File,
        num_replicas: replicas,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.Old,
        max_age: nanos(KEPT_DAYS * DAY_MS),
        max_bytes: MAX_BYTES,
        duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      },
    },
  ]
}

/** Dead letters as MessagePack, on `<deployment>.dead_letters.<partition>`. */
export function openNatsDeadLetters(
  client: Pick<NatsClient, 'connection' | 'deployment'>,
): DeadLetters {
  const stream: JetStreamClient = client.connection.jetstream({ timeout: PUBLISH_TIMEOUT_MS })
  const packr = new Packr({ useRecords: false })
  return {
    async add(letter: DeadLetter) {
      const subject = `${client.deployment}.dead_letters.${letter.partition}`
      try {
        await stream.publish(subject, packr.pack(letter), { msgID: letter.faultId })
      } catch (error) {
        throw natsError('keep a dead letter', error)
      }
    },
  }
}
