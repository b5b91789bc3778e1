import { ChatError } from '@satchel/protocol'
import { NatsError, type JetStreamManager } from 'nats'
import type { LogExtent, PartitionLog } from '../../ports/partition-log.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { formatEpoch } from './log-record.ts'
import { logStreamOf, logSubjectOf, readLogStream, type LogStreamState } from './log-streams.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError, natsErrorCode } from './nats-error.ts'
import { openManager } from './nats-resource.ts'
import { RecordPublisher, type PublishDeadlines } from './record-publisher.ts'

export interface NatsPartitionLogOptions {
  readonly client: NatsClient
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
  readonly deadlines?: PublishDeadlines | undefined
}

export interface NatsPartitionLog extends PartitionLog {
  close(): void
}

const NOT_FOUND = 404

/** Looks after the streams of the command log. */
export async function openNatsPartitionLog(
  options: NatsPartitionLogOptions,
): Promise<NatsPartitionLog> {
  const { client, telemetry } = options
  const manager = await openManager(client)
  const publisher = new RecordPublisher(options, options.deadlines)

  /** One question to NATS about a partition. */
  async function ask<Answer>(what: string, question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (error) {
      telemetry.failed('nats', natsErrorCode(error))
      throw natsError(what, error)
    }
  }

  async function requireState(stream: string): Promise<LogStreamState> {
    const state = await ask(`be asked for stream ${stream}`, () => readLogStream(manager, stream))
    if (state !== undefined) return state
    throw new ChatError('unavailable', `NATS has no stream ${stream}: run \`npm run provision\``)
  }

  return {
    async extent(partition): Promise<LogExtent> {
      const stream = logStreamOf(client.deployment, partition)
      const { generation, firstRecord, lastRecord, bytes, maxBytes } = await requireState(stream)
      const fullness = maxBytes > 0 ? Math.min(1, bytes / maxBytes) : 0
      return { generation, firstRecord, lastRecord, fullness }
    },
    claim: (partition, epoch) =>
      publisher.publish(logSubjectOf(client.deployment, partition), formatEpoch(epoch)),
    async purge(partition, upTo, beforeMs) {
      const stream = logStreamOf(client.deployment, partition)
      const { firstRecord, lastRecord, firstTimeMs } = await requireState(stream)
      if (firstTimeMs >= beforeMs) return
      const range = { first: firstRecord, last: Math.min(upTo, lastRecord) }
      await ask(`purge stream ${stream}`, async () => {
        const keep = await findFirstSince(manager, stream, range, beforeMs)
        if (keep > firstRecord) await manager.streams.purge(stream, { seq: keep })
      })
    },
    close: () => publisher.close(),
  }
}

/** The first record of the range that the log took at `sinceMs` or later, or the one behind the range. */
async function findFirstSince(
  manager: JetStreamManager,
  stream: string,
  range: { readonly first: number; readonly last: number },
  sinceMs: number,
): Promise<number> {
  let { first, last } = range
  while (first <= last) {
    const middle = Math.floor((first + last) / 2)
    const timeMs = await readTimeMs(manager, stream, middle)
    if (timeMs < sinceMs) first = middle + 1
    else last = middle - 1
  }
  return first
}

/** Infinite for a record that is not there: what cannot be told stays. */
async function readTimeMs(
  manager: JetStreamManager,
  stream: string,
  record: number,
): Promise<number> {
  try {
    return (await manager.streams.getMessage(stream, { seq: record })).time.getTime()
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.code === NOT_FOUND)
      return Number.POSITIVE_INFINITY
    throw error
  }
}
