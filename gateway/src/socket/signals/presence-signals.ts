import type { PresenceState, UserId } from '@satchel/protocol'
import { areAcquainted, type PeopleDeps } from '@satchel/chat-core'
import type { Presence } from '@satchel/chat-core/ports'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import type { Session } from '../session.ts'
import { SharedFrame, type ServerCodecs } from '../shared-frame.ts'

export interface PresenceSignalsDeps {
  readonly presence: Presence
  readonly queries: PeopleDeps
  readonly codecs: ServerCodecs
  readonly telemetry: Pick<GatewayTelemetry, 'signalFailed'>
}

export const PRESENCE_LIFETIME_MS = 45_000

/** Each looks many things up. */
const DOUBTS_PER_BEAT = 20

/** Who is there: says so of our sessions, and tells those who asked about others. */
export class PresenceSignals {
  readonly #deps: PresenceSignalsDeps
  readonly #watchers = new Map<UserId, Set<Session>>()
  readonly #watched = new Map<Session, readonly UserId[]>()
  /** Sessions that watch somebody they may share nothing with any more. */
  readonly #doubtful = new Set<Session>()

  constructor(deps: PresenceSignalsDeps) {
    this.#deps = deps
  }

  /** Called when a session begins, and again before its lifetime is over. */
  stay(session: Session): void {
    this.#deps.presence
      .arrive(session.userId, session.id, PRESENCE_LIFETIME_MS)
      .catch((error: unknown) => this.#deps.telemetry.signalFailed('presence', error))
  }

  leave(session: Session): void {
    this.#forget(session)
    this.#deps.presence
      .leave(session.userId, session.id)
      .catch((error: unknown) => this.#deps.telemetry.signalFailed('presence', error))
  }

  /** From now on the session hears of these people, as far as it shares a conversation with them. */
  async watch(session: Session, ids: readonly UserId[]): Promise<readonly PresenceState[]> {
    const visible = await areAcquainted(this.#deps.queries, session.userId, ids)
    const states = await this.#deps.presence.read(visible)
    this.#forget(session)
    if (!session.connection.isClosed) this.#remember(session, visible)
    return states
  }

  /** Somebody, with these sessions here, is in one conversation less: was it the one that let them see others, or others them? */
  doubt(userId: UserId, sessions: Iterable<Session>): void {
    for (const session of sessions) if (this.#watched.has(session)) this.#doubtful.add(session)
    for (const session of this.#watchers.get(userId) ?? []) this.#doubtful.add(session)
  }

  /** Called each second: some of those in doubt are looked at again. */
  settleDoubts(): void {
    let left = DOUBTS_PER_BEAT
    for (const session of this.#doubtful) {
      if (left-- === 0) return
      this.#doubtful.delete(session)
      this.#lookAgain(session).catch((error: unknown) => {
        if (this.#watched.has(session)) this.#doubtful.add(session)
        this.#deps.telemetry.signalFailed('presence', error)
      })
    }
  }

  async #lookAgain(session: Session): Promise<void> {
    const watched = this.#watched.get(session)
    if (watched === undefined) return
    const visible = await areAcquainted(this.#deps.queries, session.userId, watched)
    // Unless it has asked about others meanwhile.
    if (this.#watched.get(session) !== watched || visible.length === watched.length) return
    this.#forget(session)
    this.#remember(session, visible)
  }

  /** Somebody came or went. */
  changed(state: PresenceState): void {
    const watchers = this.#watchers.get(state.userId)
    if (watchers === undefined) return
    const frame = new SharedFrame(this.#deps.codecs, { type: 'presence', presence: [state] })
    for (const session of watchers) session.connection.sendSignal(frame)
  }

  #remember(session: Session, visible: readonly UserId[]): void {
    this.#watched.set(session, visible)
    for (const userId of visible) {
      const watchers = this.#watchers.get(userId)
      if (watchers === undefined) this.#watchers.set(userId, new Set([session]))
      else watchers.add(session)
    }
  }

  #forget(session: Session): void {
    this.#doubtful.delete(session)
    for (const userId of this.#watched.get(session) ?? []) {
      const watchers = this.#watchers.get(userId)
      if (watchers?.delete(session) === true && watchers.size === 0) this.#watchers.delete(userId)
    }
    this.#watched.delete(session)
  }
}
