import type { RedisClient, RedisCommand } from './redis-client.ts'

/** Commands of one turn of the loop, sent together and in order. */
export class CommandBatch {
  readonly #client: Pick<RedisClient, 'run'>
  #waiting: RedisCommand[] = []
  #sent: Promise<void> | undefined

  constructor(client: Pick<RedisClient, 'run'>) {
    this.#client = client
  }

  /** Settles with the whole batch: rejects when any of its commands failed. */
  add(...commands: readonly RedisCommand[]): Promise<void> {
    this.#waiting.push(...commands)
    this.#sent ??= this.#send()
    return this.#sent
  }

  async #send(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    const commands = this.#waiting
    this.#waiting = []
    this.#sent = undefined
    await this.#client.run(commands)
  }
}
