import type { ConversationId } from '@satchel/protocol'
import type { Members } from '@satchel/chat-core/ports'
import { waitOut } from '../back-off.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'

export interface OutOfReachDeps {
  readonly members: Pick<Members, 'overview'>
  readonly telemetry: Pick<GatewayTelemetry, 'outOfReach' | 'backInReach' | 'fault'>
}

/** Whoever waits, and how to give up each of its waits; most wait for nothing. */
export interface Waiter {
  waits: Set<() => void> | undefined
}

const ASKED_AT_ONCE = 64
/** Meanwhile nobody else asks: what is back has to be noticed soon. */
const DELAY = { baseMs: 250, capMs: 1_000 }

/**
 * Conversations about which nobody can be asked at the moment, and who waits for that to change. However many
 * wait, each conversation is asked about once in a while for all of them, so many at a time, and more and more
 * seldom while there is no answer at all.
 */
export class OutOfReach {
  readonly #deps: OutOfReachDeps
  // The longest unasked first.
  readonly #waiting = new Map<ConversationId, Set<() => void>>()
  #isAsking = false
  #isTold = false

  constructor(deps: OutOfReachDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#waiting.size
  }

  has(conversationId: ConversationId): boolean {
    return this.#waiting.has(conversationId)
  }

  /** Calls `reached` once the conversation can be asked about again; the returned function gives that up. */
  wait(waiter: Waiter, conversationId: ConversationId, reached: () => void): () => void {
    const callbacks = this.#waiting.get(conversationId) ?? new Set()
    this.#waiting.set(conversationId, callbacks)
    const waits = (waiter.waits ??= new Set())
    const giveUp = (): void => {
      callbacks.delete(callback)
      waits.delete(giveUp)
      if (callbacks.size === 0 && this.#waiting.get(conversationId) === callbacks)
        this.#waiting.delete(conversationId)
    }
    const callback = (): void => {
      giveUp()
      reached()
    }
    callbacks.add(callback)
    waits.add(giveUp)
    this.#begin()
    return giveUp
  }

  /** It waits for nothing any more. */
  giveUp(waiter: Waiter): void {
    for (const giveUp of [...(waiter.waits ?? [])]) giveUp()
  }

  #begin(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#ask()
      .catch((error: unknown) => this.#deps.telemetry.fault('out of reach', error))
      .finally(() => {
        this.#isAsking = false
      })
  }

  async #ask(): Promise<void> {
    let fruitless = 0
    let mayGoOn = false
    while (this.#waiting.size > 0) {
      if (!mayGoOn) await waitOut(DELAY, fruitless)
      const asked = [...this.#waiting.keys()].slice(0, ASKED_AT_ONCE)
      const areMore = this.#waiting.size > asked.length
      const answers = await Promise.all(asked.map((id) => this.#isInReach(id)))
      for (const [index, id] of asked.entries()) this.#settle(id, answers[index] === true)
      mayGoOn = areMore && !answers.includes(false)
      fruitless = answers.includes(true) ? 0 : fruitless + 1
    }
    if (this.#isTold) this.#deps.telemetry.backInReach()
    this.#isTold = false
  }

  async #isInReach(conversationId: ConversationId): Promise<boolean> {
    try {
      await this.#deps.members.overview(conversationId)
      return true
    } catch (error) {
      // One line in the log for all of them.
      if (!this.#isTold) this.#deps.telemetry.outOfReach(conversationId, error)
      this.#isTold = true
      return false
    }
  }

  #settle(conversationId: ConversationId, isInReach: boolean): void {
    const callbacks = this.#waiting.get(conversationId)
    if (callbacks === undefined) return
    this.#waiting.delete(conversationId)
    if (isInReach) for (const callback of [...callbacks]) callback()
    // Behind all others now.
    else this.#waiting.set(conversationId, callbacks)
  }
}
