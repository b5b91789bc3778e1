import { ChatError, type RequestedCommandKind, type RequestFrameOf } from '@satchel/protocol'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import { SESSION_RULES } from '../../limits/session-rules.ts'
import type { UserTotals } from '../../limits/user-totals.ts'
import type { Capability } from '../../tokens/identity.ts'
import { requireCapability } from '../../tokens/require-capability.ts'
import type { Session } from '../session.ts'
import type { RequestHandlers } from './request-handlers.ts'

export interface CommandRequestDeps {
  readonly time: MonotonicClock
  readonly commandTotals: UserTotals
  /** False in load tests. */
  readonly enforceLimits: boolean
}

/** What a token must allow for each command; leaving and one's own settings need nothing. */
const NEEDED_CAPABILITIES: Readonly<Record<RequestedCommandKind, Capability | undefined>> = {
  create_conversation: 'create',
  update_conversation: 'manage',
  delete_conversation: 'manage',
  add_members: 'manage',
  remove_member: 'manage',
  set_role: 'manage',
  leave_conversation: undefined,
  set_member_settings: undefined,
  send_message: 'send',
  edit_message: 'send',
  delete_message: 'send',
  react: 'send',
  pin_message: 'send',
  unpin_message: 'send',
}

/** `command`: up to the call of `submit` nothing waits, so commands keep the order of their frames. */
export function createCommandRequest(deps: CommandRequestDeps): Pick<RequestHandlers, 'command'> {
  return {
    async command(session, frame) {
      requireCapability(session.identity, NEEDED_CAPABILITIES[frame.command.kind])
      takeFromLimit(deps, session, frame)
      const { requestId } = frame
      const { outbox, counter } = frame.commandId
      return session.line.submit({
        authorId: session.userId,
        conversationId: frame.conversationId,
        to: frame.to,
        key: { kind: 'outbox', outbox, counter },
        command: frame.command,
        restart: frame.restart,
        onAccepted: () => session.connection.send({ type: 'accepted', requestId }),
      })
    },
  }
}

/** A refusal here holds for the rest of the line: no later command may overtake this one. */
function takeFromLimit(
  deps: CommandRequestDeps,
  session: Session,
  frame: RequestFrameOf<'command'>,
): void {
  const error = refusal(deps, session)
  if (error === undefined) return
  session.line.refuse(session.userId, frame)
  throw error
}

function refusal(deps: CommandRequestDeps, session: Session): ChatError | undefined {
  if (session.pending > SESSION_RULES.maxPendingCommands) {
    return new ChatError('rate_limited', 'too many commands are waiting for their answer', {
      limit: SESSION_RULES.maxPendingCommands,
      remaining: 0,
      retryAfterMs: 1_000,
    })
  }
  if (!deps.enforceLimits) return undefined
  const rule = SESSION_RULES.commands
  if (!session.commands.take(rule, deps.time.elapsedMs()))
    return session.commands.refusal(rule, 'commands of one session')
  return deps.commandTotals.take(session.userId)
}
