import type { CommandTarget } from './command-target.ts'
import type { Connection } from './connection.ts'
import { forwardFiles } from './forward-attachment.ts'
import type { ForwardedFile } from './forward-attachment.ts'

/**
 * Files of messages that wait in one outbox, of one message after the other: however many wait, others may ask for
 * something too.
 */
export class ForwardLine {
  readonly #connection: Pick<Connection, 'request' | 'on'>
  #last: Promise<void> = Promise.resolve()

  constructor(connection: Pick<Connection, 'request' | 'on'>) {
    this.#connection = connection
  }

  /** As `forwardFiles`, once what came before has its answers. */
  async add(files: readonly ForwardedFile[], target: CommandTarget): Promise<void> {
    if (files.length === 0) return
    const done = this.#last.then(() => forwardFiles(this.#connection, files, target))
    this.#last = done.catch(() => undefined)
    await done
  }
}
