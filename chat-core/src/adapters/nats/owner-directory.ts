import { ChatError } from '@satchel/protocol'
import {
  DiscardPolicy,
  Empty,
  ErrorCode,
  nanos,
  NatsError,
  RetentionPolicy,
  StorageType,
  type NatsConnection,
} from 'nats'
import type {
  OwnerDirectory,
  OwnerDirectoryWatcher,
  OwnerHeartbeat,
} from '../../ports/owner-directory.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError, natsErrorCode } from './nats-error.ts'
import { openManager, type NatsResource } from './nats-resource.ts'
import { parsePublishOutcome } from './publish-outcome.ts'

export interface NatsOwnerDirectoryOptions {
  readonly client: NatsClient
  readonly telemetry: ServerTelemetry
}

// Two seconds: a server looks for what has expired four times a second.
const HEARTBEAT_LIFE_MS = 1_750
/** An answer that takes longer than a heartbeat lives is none. */
const ANSWER_TIMEOUT_MS = 2_000

/**
 * A key-value bucket whose keys say everything, `version.ownerId`: who lives is then one question to its
 * leader, answered whole or not at all. It is on disk, for a server alone forgets buckets in memory.
 */
export function describeOwners({
  deployment,
  replicas,
}: {
  readonly deployment: string
  readonly replicas: number
}): readonly NatsResource[] {
  const bucket = bucketOf(deployment)
  return [
    {
      kind: 'stream',
      config: {
        name: bucket.stream,
        subjects: [`${bucket.keys}.>`],
        storage: StorageType.File,
        num_replicas: replicas,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        max_msgs_per_subject: 1,
        max_age: nanos(HEARTBEAT_LIFE_MS),
        duplicate_window: nanos(HEARTBEAT_LIFE_MS),
        allow_direct: true,
        allow_rollup_hdrs: true,
        deny_delete: true,
      },
    },
  ]
}

/** Chat-cores that live, in a bucket whose entries expire; hints travel by core NATS. */
export async function openNatsOwnerDirectory(
  options: NatsOwnerDirectoryOptions,
): Promise<OwnerDirectory> {
  const { client, telemetry } = options
  const { connection } = client
  const manager = await openManager(client, ANSWER_TIMEOUT_MS)
  const bucket = bucketOf(client.deployment)
  const hints = `${client.deployment}.owners`
  /** Whose first heartbeat others have been told of. */
  const announced = new Set<string>()

  async function ask<Answer>(what: string, question: () => Promise<Answer>): Promise<Answer> {
    try {
      // The driver would keep the question, and wait for nothing.
      if (!client.connected) throw new ChatError('unavailable', 'NATS is not connected')
      return await question()
    } catch (error) {
      telemetry.failed('nats', natsErrorCode(error))
      throw natsError(what, error)
    }
  }

  function hint(text: string): void {
    if (client.connected) connection.publish(hints, text)
  }

  return {
    async beat(heartbeat) {
      const subject = `${bucket.keys}.${formatKey(heartbeat)}`
      await ask('take a heartbeat', () => put(connection, subject))
      if (announced.has(heartbeat.ownerId)) return
      announced.add(heartbeat.ownerId)
      hint(CHANGED)
    },
    async leave(ownerId) {
      announced.delete(ownerId)
      const filter = `${bucket.keys}.*.${ownerId}`
      await ask('forget an owner', () => manager.streams.purge(bucket.stream, { filter }))
      hint(CHANGED)
    },
    list: () =>
      ask('be asked for owners', async () => {
        const filter = `${bucket.keys}.>`
        const { state } = await manager.streams.info(bucket.stream, { subjects_filter: filter })
        const keys = Object.keys(state.subjects ?? {})
        return keys
          .map((subject) => parseKey(subject.slice(bucket.keys.length + 1)))
          .sort((left, right) => (left.ownerId < right.ownerId ? -1 : 1))
      }),
    async release(partition) {
      hint(String(partition))
    },
    async takeOver(partition) {
      hint(`${TAKEN_OVER}${partition}`)
    },
    watch: (watcher) => watchHints(client, hints, watcher),
  }
}

const CHANGED = 'changed'
const TAKEN_OVER = 'taken over: '

function watchHints(
  client: NatsClient,
  subject: string,
  watcher: OwnerDirectoryWatcher,
): () => void {
  const hearing = client.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) pass(message.string(), watcher)
    },
  })
  // Whatever was hinted at meanwhile is lost.
  const stopWatching = client.watchReconnects(() => watcher.changed())
  return () => {
    stopWatching()
    hearing.unsubscribe()
  }
}

function pass(hint: string, watcher: OwnerDirectoryWatcher): void {
  if (hint === CHANGED) watcher.changed()
  else if (/^\d+$/.test(hint)) watcher.released(Number(hint))
  else if (hint.startsWith(TAKEN_OVER)) watcher.takenOver(Number(hint.slice(TAKEN_OVER.length)))
}

function bucketOf(deployment: string): { readonly stream: string; readonly keys: string } {
  return { stream: `KV_${deployment}_owners`, keys: `$KV.${deployment}_owners` }
}

function formatKey({ ownerId, newestRecordVersion }: OwnerHeartbeat): string {
  return `${newestRecordVersion}.${ownerId}`
}

function parseKey(key: string): OwnerHeartbeat {
  const end = key.indexOf('.')
  return { ownerId: key.slice(end + 1), newestRecordVersion: Number(key.slice(0, end)) }
}

async function put(connection: NatsConnection, subject: string): Promise<void> {
  const answer = await connection.request(subject, Empty, { timeout: ANSWER_TIMEOUT_MS })
  const outcome = parsePublishOutcome(answer)
  if (outcome.kind !== 'stored') throw new NatsError(outcome.code, ErrorCode.ApiError)
}
