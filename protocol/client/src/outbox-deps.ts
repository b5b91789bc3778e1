import type { CommandId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { StoredCommand, StoredOutbox } from './outbox-entries.ts'

/** What an outbox puts aside so that a reload finds it. Failures are the keeper's affair. */
export interface CommandKeeper {
  /** Settles when the command may be sent. */
  keep(outbox: Omit<StoredOutbox, 'commands'>, command: StoredCommand): Promise<void>
  forget(commandId: CommandId): void
}

export interface OutboxDeps {
  readonly connection: Pick<Connection, 'ask' | 'request' | 'on' | 'renewToken'>
  readonly clock: Clock
  readonly random: () => number
  readonly keeper: CommandKeeper
}
