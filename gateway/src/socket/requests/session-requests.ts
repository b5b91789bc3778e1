import { ChatError } from '@satchel/protocol'
import { requireReader, type ReaderDeps } from '@satchel/chat-core'
import type { TokenVerifier } from '../../tokens/token-verifier.ts'
import type { Audiences } from '../audiences.ts'
import type { Replays } from '../replays.ts'
import type { RequestHandlers } from './request-handlers.ts'

export interface SessionRequestsDeps {
  readonly tokens: TokenVerifier
  readonly queries: ReaderDeps
  readonly audiences: Audiences
  readonly replays: Replays
}

/** `auth` and `catch_up`: what is about the session itself. */
export function createSessionRequests(
  deps: SessionRequestsDeps,
): Pick<RequestHandlers, 'auth' | 'catch_up'> {
  return {
    async auth(session, { token }) {
      const identity = await deps.tokens.verify(token)
      if (identity.userId !== session.userId)
        throw new ChatError('unauthenticated', `the token is not one of ${session.userId}`)
      session.identity = identity
      return {}
    },

    async catch_up(session, { conversationId, seq }) {
      let seat = session.seats.get(conversationId)
      if (seat === undefined) {
        const reader = await requireReader(deps.queries, session.userId, conversationId)
        if (session.connection.isClosed) return {}
        seat = deps.audiences.join(session, { ...reader, head: reader.overview.head }, seq)
      }
      seat.lastSeq = seq
      await deps.replays.replay(seat, { announced: true })
      return {}
    },
  }
}
