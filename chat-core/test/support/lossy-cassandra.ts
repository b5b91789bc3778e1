import { ChatError } from '@satchel/protocol'
import type { CassandraClient } from '../../src/adapters/cassandra/cassandra-client.ts'

export type MediaClient = Pick<
  CassandraClient,
  'keyspace' | 'read' | 'readSettled' | 'write' | 'writeTogether' | 'writeEach' | 'writeIf'
>

/** `died`: as a process that ends before it can write. */
export type WriteFate = 'done' | 'done_unheard' | 'not_done' | 'died'

export interface LossyCassandra {
  readonly client: MediaClient
  /** What becomes of the next conditional writes, in turn; those after them succeed. */
  lose(...fates: readonly WriteFate[]): void
}

/** A client some of whose conditional writes end as with a node that does not answer in time. */
export function openLossyCassandra(client: CassandraClient): LossyCassandra {
  const coming: WriteFate[] = []
  const timedOut = () => new ChatError('unavailable', 'cassandra did not answer as it should')
  return {
    lose: (...fates) => void coming.push(...fates),
    client: {
      keyspace: client.keyspace,
      read: (...call) => client.read(...call),
      readSettled: (...call) => client.readSettled(...call),
      write: (...call) => client.write(...call),
      writeTogether: (...call) => client.writeTogether(...call),
      writeEach: (...call) => client.writeEach(...call),
      async writeIf(...call) {
        const fate = coming.shift()
        if (fate === 'not_done') throw timedOut()
        if (fate === 'died') throw new Error('the process died')
        const outcome = await client.writeIf(...call)
        if (fate === 'done_unheard') throw timedOut()
        return outcome
      },
    },
  }
}
