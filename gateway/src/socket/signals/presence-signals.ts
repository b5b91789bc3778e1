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

/** Who is there: says so of our sessions, and tells those who asked about others. */
export class PresenceSignals {
  readonly #deps: PresenceSignalsDeps
  readonly #watchers = new Map<UserId, Set<Session>>()
  readonly #watched = new Map<Session, readonly UserId[]>()

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
    if (session.connection.isClosed) return states
    this.#watched.set(session, visible)
    for (const userId of visible) {
      const watchers = this.#watchers.get(userId)
      if (watchers === undefined) this.#watchers.set(userId, new Set([session]))
      else watchers.add(session)
    }
    return states
  }

  /** Somebody came or went. */
  changed(state: PresenceState): void {
    const watchers = this.#watchers.get(state.userId)
    if (watchers === undefined) return
    const frame = new SharedFrame(this.#deps.codecs, { type: 'presence', presence: [state] })
    for (const session of watchers) session.connection.sendSignal(frame)
  }

  #forget(session: Session): void {
    for (const userId of this.#watched.get(session) ?? []) {
      const watchers = this.#watchers.get(userId)
      if (watchers?.delete(session) === true && watchers.size === 0) this.#watchers.delete(userId)
    }
    this.#watched.delete(session)
  }
}
