import { conversationKindOf, type Activity, type ConversationId } from '@satchel/protocol'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import { SESSION_RULES } from '../../limits/session-rules.ts'
import type { Session } from '../session.ts'
import type { SignalRouter } from './signal-router.ts'

export interface ActivitySignalsDeps {
  readonly router: SignalRouter
  readonly time: MonotonicClock
  readonly telemetry: Pick<GatewayTelemetry, 'signalFailed'>
}

/** Who is typing where: in direct conversations and groups small enough to care. */
export class ActivitySignals {
  readonly #deps: ActivitySignalsDeps

  constructor(deps: ActivitySignalsDeps) {
    this.#deps = deps
  }

  take(session: Session, conversationId: ConversationId, activity: Activity): void {
    const seat = session.seats.get(conversationId)
    if (seat === undefined || seat.audience.isSubscribed) return
    if (conversationKindOf(conversationId) === 'channel') return
    const nowMs = this.#deps.time.elapsedMs()
    // Stopping is told at once, but once; going on only so often.
    const isTooSoon = nowMs - seat.activityAtMs < 1_000 / SESSION_RULES.signalsPerSecond
    if (activity === 'none' ? !seat.isActive : isTooSoon) return
    seat.isActive = activity !== 'none'
    if (seat.isActive) seat.activityAtMs = nowMs
    const { userId } = session
    this.#deps.router
      .toConversation(conversationId, { type: 'activity', conversationId, userId, activity })
      .catch((error: unknown) => this.#deps.telemetry.signalFailed('activity', error))
  }
}
