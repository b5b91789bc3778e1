import type { UserId } from '@satchel/protocol'
import type { CommandSubmitter } from '@satchel/chat-core'
import type { GatewayMessage } from '@satchel/chat-core/ports'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Audiences } from './audiences.ts'
import type { Following } from './following.ts'
import type { SessionTable } from './session-table.ts'
import { SharedFrame, type ServerCodecs } from './shared-frame.ts'
import type { PresenceSignals } from './signals/presence-signals.ts'

export interface BusListenerDeps {
  readonly submitter: CommandSubmitter
  readonly audiences: Audiences
  readonly sessions: SessionTable
  readonly following: Following
  readonly presence: PresenceSignals
  readonly codecs: ServerCodecs
  readonly telemetry: GatewayTelemetry
}

type ConversationSignal = Extract<
  GatewayMessage,
  { readonly type: 'mark' | 'activity' | 'upload_progress' | 'reactions' }
>

/** Gives what the bus brings to whoever it is for. A message that fails costs only itself. */
export function createBusListener(deps: BusListenerDeps): (message: GatewayMessage) => void {
  return (message) => {
    try {
      take(deps, message)
    } catch (error) {
      deps.telemetry.busMessageFailed(message.type, error)
    }
  }
}

function take(deps: BusListenerDeps, message: GatewayMessage): void {
  switch (message.type) {
    case 'answer':
      deps.submitter.take(message)
      return
    case 'events':
      deps.telemetry.delivered(message.events.length)
      deps.audiences.deliver(message)
      return
    case 'head':
      deps.audiences.announce(message)
      return
    case 'mark':
    case 'activity':
    case 'upload_progress':
    case 'reactions':
      signal(deps, message)
      return
    case 'member_settings': {
      const { type, conversationId, settings, userIds } = message
      toUsers(deps, userIds, new SharedFrame(deps.codecs, { type, conversationId, settings }))
      return
    }
    case 'following':
      deps.following.changedElsewhere(message.userId, message.conversationId)
      return
    case 'presence':
      deps.presence.changed(message.presence)
      return
    case 'end_sessions':
      endSessions(deps, message.userId)
      return
    default:
      message satisfies never
  }
}

/** To everybody who has the conversation open here, or to the named users only. */
function signal(deps: BusListenerDeps, message: ConversationSignal): void {
  const audience = deps.audiences.of(message.conversationId)
  if (audience === undefined) return
  const { userIds, ...frame } = message
  const shared = new SharedFrame(deps.codecs, frame)
  const only = userIds === undefined ? undefined : new Set(userIds)
  const authorId = message.type === 'activity' ? message.userId : undefined
  for (const { session } of audience.seats) {
    if (only !== undefined && !only.has(session.userId)) continue
    if (session.userId !== authorId) session.connection.sendSignal(shared)
  }
}

function endSessions({ sessions }: BusListenerDeps, userId: UserId): void {
  for (const { connection } of [...sessions.of(userId)]) connection.close('session_ended')
}

function toUsers(deps: BusListenerDeps, userIds: readonly UserId[], frame: SharedFrame): void {
  for (const userId of userIds) {
    for (const session of deps.sessions.of(userId)) session.connection.sendSignal(frame)
  }
}
