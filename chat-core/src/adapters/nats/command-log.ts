import { ChatError } from '@satchel/protocol'
import type { CommandLog } from '../../ports/command-log.ts'
import type { Timers } from '../../runtime/timers.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { AppendBound } from './append-bound.ts'
import { AppendQueue } from './append-queue.ts'
import { formatCommands, formatCommandsHead, formatEntry, type RecordOrigin } from './log-record.ts'
import { logStreamOf, logSubjectOf } from './log-streams.ts'
import type { NatsClient } from './nats-client.ts'
import { openManager } from './nats-resource.ts'
import { RecordPublisher, type PublishDeadlines } from './record-publisher.ts'
import { RecordReader } from './record-reader.ts'

export interface NatsCommandLogOptions {
  readonly client: NatsClient
  readonly timers: Timers
  readonly telemetry: ServerTelemetry
  readonly partitions: number
  readonly generation: number
  /** Where most commands' answers go. */
  readonly origin: RecordOrigin
  readonly deadlines?: PublishDeadlines | undefined
}

export interface NatsCommandLog extends CommandLog {
  /** Takes no more commands, and settles when the fate of those taken is known or given up. Ends readers at once. */
  close(): Promise<void>
}

/** A reader asks again after so long: its partition waits for the answer. */
const ANSWER_TIMEOUT_MS = 3_000

/** The command log on JetStream: a stream per partition, a message per record. */
export async function openNatsCommandLog(options: NatsCommandLogOptions): Promise<NatsCommandLog> {
  const { client, timers, telemetry, partitions, generation, origin } = options
  const deps = { client, manager: await openManager(client, ANSWER_TIMEOUT_MS), timers, telemetry }
  const publisher = new RecordPublisher(deps, options.deadlines)
  const head = formatCommandsHead(origin)
  const bound = new AppendBound()
  const queues = Array.from({ length: partitions }, (_, partition) => {
    const subject = logSubjectOf(client.deployment, partition)
    const publish = (entries: readonly Uint8Array[]): Promise<number> =>
      publisher.publish(subject, formatCommands(head, entries))
    return new AppendQueue(publish, bound)
  })
  const readers = new Set<RecordReader>()
  const starting = new Set<AppendQueue>()
  let closed = false

  function queueAt(partition: number): AppendQueue {
    const queue = queues[partition]
    if (queue === undefined) throw new ChatError('internal', `No partition ${partition}`)
    return queue
  }

  // What else this turn of the loop brings goes into the same records, and all records into one write.
  function start(queue: AppendQueue): void {
    if (queue.running) return
    if (starting.size === 0) setImmediate(startAll)
    starting.add(queue)
  }

  function startAll(): void {
    for (const queue of starting) void queue.run()
    starting.clear()
  }

  return {
    durable: true,
    partitions,
    async append(partition, entry) {
      if (closed) throw new ChatError('unavailable', 'The command log is closed')
      const queue = queueAt(partition)
      const appended = queue.append(formatEntry(entry, origin))
      start(queue)
      return appended
    },
    read(partition, after, take) {
      const queue = queueAt(partition)
      const lastRecord = (): number => queue.lastRecord
      const stream = logStreamOf(client.deployment, partition)
      const ended = (): void => {
        readers.delete(reader)
      }
      const reader = new RecordReader(deps, { stream, generation, after, take, lastRecord, ended })
      readers.add(reader)
      return reader
    },
    async close() {
      closed = true
      for (const reader of readers) await reader.close()
      await Promise.all(queues.map((queue) => queue.run()))
      publisher.close()
    },
  }
}
