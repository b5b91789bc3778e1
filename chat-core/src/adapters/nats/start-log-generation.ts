import { ChatError } from '@satchel/protocol'
import { logStreamOf, readLogStream } from './log-streams.ts'
import type { NatsClient } from './nats-client.ts'
import { natsError } from './nats-error.ts'
import { openManager, readStreamConfig } from './nats-resource.ts'
import {
  describeLogStream,
  forEachPartition,
  generationOf,
  provisionStream,
  readStreams,
  requireSameMap,
  type LogProvision,
} from './provision-log.ts'

type Client = Pick<NatsClient, 'connection'>

/** What there is of a log. */
export interface FoundLog {
  /** Of its streams, each once. */
  readonly generations: readonly number[]
  /** Partitions that have no stream. */
  readonly missing: readonly number[]
  /** Whether any stream has ever taken a record. */
  readonly hasRecords: boolean
}

export async function readFoundLog(client: Client, provision: LogProvision): Promise<FoundLog> {
  const manager = await openManager(client)
  const generations = new Set<number>()
  const missing: number[] = []
  let hasRecords = false
  try {
    await forEachPartition(provision, async (partition) => {
      const state = await readLogStream(manager, logStreamOf(provision.deployment, partition))
      if (state === undefined) missing.push(partition)
      else {
        generations.add(state.generation)
        hasRecords ||= state.lastRecord > 0
      }
    })
  } catch (error) {
    throw natsError(`be asked for the command log of ${provision.deployment}`, error)
  }
  return { generations: [...generations], missing, hasRecords }
}

/**
 * Makes every stream of an older generation anew, empty, under this one; run again, it goes on where it was
 * interrupted. What was in the log and not decided is given up.
 */
export async function startLogGeneration(
  client: Client,
  provision: LogProvision,
  generation: number,
): Promise<void> {
  const manager = await openManager(client)
  requireSameMap(await readStreams(manager, provision), provision)
  await forEachPartition(provision, async (partition) => {
    const stream = describeLogStream(provision, partition, generation)
    try {
      // As it is at this moment: somebody else may be doing the same.
      const found = await readStreamConfig(manager, stream.name)
      if (found !== undefined && generationOf(found) > generation)
        throw new ChatError('retry', 'somebody else starts a generation of the log')
      if (found !== undefined && generationOf(found) < generation)
        await manager.streams.delete(stream.name)
    } catch (error) {
      if (error instanceof ChatError) throw error
      throw natsError(`remove stream ${stream.name}`, error)
    }
    await provisionStream(manager, provision, stream)
  })
}
