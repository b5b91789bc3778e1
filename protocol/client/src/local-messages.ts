import type { ChatError, Seq } from '@satchel/protocol'
import type { Message } from './message.ts'

/** Own messages that have no event yet, in the order they were sent. */
export class LocalMessages {
  readonly #messages = new Map<string, Message>()
  /** Answered with a seq, the event still to come. */
  readonly #keysBySeq = new Map<Seq, string>()

  /** In sending order: what is on its way, and what has failed. */
  get all(): readonly Message[] {
    return [...this.#messages.values()]
  }

  has(key: string): boolean {
    return this.#messages.has(key)
  }

  add(message: Message): void {
    this.#messages.set(message.key, message)
  }

  /** The message was answered with `seq`; it stays until its event is there. */
  settle(key: string, seq: Seq): void {
    if (this.#messages.has(key)) this.#keysBySeq.set(seq, key)
  }

  fail(key: string, error: ChatError): void {
    const message = this.#messages.get(key)
    if (message === undefined) return
    const local = { state: 'failed', code: error.code, message: error.message } as const
    this.#messages.set(key, { ...message, local })
  }

  remove(key: string): void {
    this.#messages.delete(key)
  }

  /** The event with `seq` is there: the key it went by here, if it was sent here. */
  takeArrived(seq: Seq): string | undefined {
    const key = this.#keysBySeq.get(seq)
    if (key === undefined) return undefined
    this.#keysBySeq.delete(seq)
    this.#messages.delete(key)
    return key
  }

  /** A message was answered with `seq`, and its event is still to come. */
  awaits(seq: Seq): boolean {
    return this.#keysBySeq.has(seq)
  }

  /** Everything up to `seq` has been seen or dropped: what was answered with less is no longer awaited. */
  forgetUpTo(seq: Seq): void {
    for (const answered of [...this.#keysBySeq.keys()]) {
      if (answered <= seq) this.takeArrived(answered)
    }
  }
}
