import type { Activity, ConversationId, UserId } from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { Unsubscribe } from './emitter.ts'

/** Who is doing what at the moment; nobody who does nothing. */
export type ActiveMembers = ReadonlyMap<UserId, Exclude<Activity, 'none'>>

/** Somebody who says nothing more for this long has stopped. */
const EXPIRY_MS = 6_000
/** An activity that goes on is said again after this long, and not before. */
const REPEAT_MS = 3_000

/** Typing and the like in one conversation: what others do, and what the user does. */
export class Activities {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #timers = new Map<UserId, Unsubscribe>()
  #active: ActiveMembers = new Map()
  #said: { readonly activity: Activity; readonly atMs: number } | undefined

  constructor(connection: Connection, clock: Clock, onChange: () => void) {
    this.#connection = connection
    this.#clock = clock
    this.#onChange = onChange
  }

  get active(): ActiveMembers {
    return this.#active
  }

  /** Somebody else does something, or has stopped. */
  note(userId: UserId, activity: Activity): void {
    this.#timers.get(userId)?.()
    this.#timers.delete(userId)
    const isUnchanged = activity === (this.#active.get(userId) ?? 'none')
    if (activity !== 'none') {
      const stop = this.#clock.setTimer(EXPIRY_MS, () => {
        this.note(userId, 'none')
      })
      this.#timers.set(userId, stop)
    }
    if (isUnchanged) return
    const active = new Map(this.#active)
    if (activity === 'none') active.delete(userId)
    else active.set(userId, activity)
    this.#active = active
    this.#onChange()
  }

  /** The user does something; called on every key stroke it sends a signal now and then. */
  say(conversationId: ConversationId, activity: Activity): void {
    const now = this.#clock.now()
    const wasSaid = this.#said?.activity ?? 'none'
    const isFresh = this.#said !== undefined && now - this.#said.atMs < REPEAT_MS
    if (activity === wasSaid && (activity === 'none' || isFresh)) return
    this.#said = { activity, atMs: now }
    this.#connection.signal({ type: 'activity', conversationId, activity })
  }

  /** A message ends its author's typing, also on the author's side. */
  messageSent(userId: UserId, isMine: boolean): void {
    if (isMine) this.#said = undefined
    else this.note(userId, 'none')
  }
}
