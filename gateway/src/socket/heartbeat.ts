import type { Clock } from '@satchel/chat-core/ports'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTimes } from '../gateway-times.ts'
import type { UserTotals } from '../limits/user-totals.ts'
import type { Readiness } from '../readiness.ts'
import type { Connection } from './connection.ts'
import type { OutboundFlusher } from './outbound-flusher.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { SharedFrame, type ServerCodecs } from './shared-frame.ts'
import type { MarkSignals } from './signals/mark-signals.ts'
import { PRESENCE_LIFETIME_MS, type PresenceSignals } from './signals/presence-signals.ts'

export interface HeartbeatDeps {
  readonly sessions: SessionTable
  /** Connections that have not become sessions. */
  readonly unauthenticated: ReadonlySet<Connection>
  readonly flusher: OutboundFlusher
  readonly presence: PresenceSignals
  readonly marks: MarkSignals
  readonly readiness: Pick<Readiness, 'beat'>
  readonly commandTotals: Pick<UserTotals, 'reconcile'>
  readonly socketRequestTotals: Pick<UserTotals, 'reconcile'>
  readonly httpRequestTotals: Pick<UserTotals, 'reconcile'>
  readonly codecs: ServerCodecs
  readonly clock: Clock
  readonly time: MonotonicClock
  readonly times: GatewayTimes
}

const TICK_MS = 1_000

/** What has to be looked at from time to time, for all sockets in one pass. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps
  readonly #ping: SharedFrame
  readonly #pingTicks: number
  readonly #presenceTicks = Math.floor(PRESENCE_LIFETIME_MS / TICK_MS / 2)
  #tick = 0
  #lastBeatMs: number
  #wasLate = false

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps
    this.#lastBeatMs = deps.time.elapsedMs()
    this.#ping = new SharedFrame(deps.codecs, { type: 'ping' })
    this.#pingTicks = Math.max(1, Math.floor(deps.times.pingIntervalMs / TICK_MS))
  }

  /** Each second until the returned function is called. */
  start(): () => void {
    const ticking = setInterval(() => this.beat(), TICK_MS)
    return () => clearInterval(ticking)
  }

  beat(): void {
    const { sessions, marks, readiness } = this.#deps
    const { commandTotals, socketRequestTotals, httpRequestTotals } = this.#deps
    this.#tick++
    readiness.beat()
    for (const totals of [commandTotals, socketRequestTotals, httpRequestTotals]) totals.reconcile()
    if (!this.#isLate()) {
      this.#closeUnauthenticated()
      this.#closeLaggards()
    }
    marks.flush()
    this.#deps.presence.settleDoubts()
    const nowMs = this.#deps.clock.nowMs()
    for (const session of sessions) this.#visit(session, nowMs)
  }

  /** Every session has its own second of the interval: the pings spread by themselves. */
  #visit(session: Session, nowMs: number): void {
    const { connection, identity } = session
    const beat = session.phase + this.#tick
    if (nowMs > identity.expiresAtMs + this.#deps.times.tokenGraceMs)
      connection.close('token_expired')
    else {
      if (beat % this.#pingTicks === 0) connection.sendSignal(this.#ping)
      if (beat % this.#presenceTicks === 0) this.#deps.presence.stay(session)
    }
  }

  /**
   * The process stood still: what clients sent meanwhile has not been read yet, so nobody is judged by the
   * clock before the next beat. Never twice in a row, or an overloaded process would judge nobody at all.
   */
  #isLate(): boolean {
    const nowMs = this.#deps.time.elapsedMs()
    const wasLate = this.#wasLate
    const sinceMs = nowMs - this.#lastBeatMs
    this.#lastBeatMs = nowMs
    this.#wasLate = !wasLate && sinceMs > 2 * TICK_MS
    return this.#wasLate
  }

  #closeUnauthenticated(): void {
    const nowMs = this.#deps.time.elapsedMs()
    for (const connection of this.#deps.unauthenticated) {
      if (nowMs - connection.openedMs < this.#deps.times.helloDeadlineMs) continue
      if (connection.isGreeting) continue
      connection.close('hello_timeout')
    }
  }

  #closeLaggards(): void {
    const nowMs = this.#deps.time.elapsedMs()
    for (const queue of this.#deps.flusher.lagging) queue.checkLag(nowMs)
  }
}
