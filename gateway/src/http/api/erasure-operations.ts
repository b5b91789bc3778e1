import { ChatError, userId, type ConversationId, type UserId } from '@satchel/protocol'
import { unfollowChannel, type CommandSubmitter, type InboxDeps } from '@satchel/chat-core'
import type { Clock, Erasure, Erasures, Users } from '@satchel/chat-core/ports'
import { endSessions, type EndSessionsDeps } from '../../end-sessions.ts'
import type { GatewayTelemetry } from '../../gateway-telemetry.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import { apiErasure, nothing } from './api-schemas.ts'

export interface ErasureOperationsDeps extends EndSessionsDeps {
  readonly queries: InboxDeps & { readonly users: Users; readonly erasures: Erasures }
  readonly submitter: CommandSubmitter
  readonly clock: Clock
  readonly telemetry: Pick<GatewayTelemetry, 'userErased'>
}

const CONVERSATIONS_AT_ONCE = 100

export function erasureOperations(deps: ErasureOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'eraseUser',
      summary:
        'Removes the user from every conversation and their files with them, their messages where the setting says so; blanks the profile and ends the sessions.',
      method: 'DELETE',
      url: '/v1/users/{userId}',
      permission: 'server',
      path: { userId },
      query: {},
      status: 200,
      result: nothing,
      async run({ path, serverKey = '' }) {
        await eraseUser(deps, path.userId, serverKey)
        return {}
      },
    }),
    operation({
      id: 'readErasure',
      summary:
        'How far the latest erasure of the user has come: when it was asked for, with which server key, and when the last of it was done. Files are deleted from storage after the grace that follows.',
      method: 'GET',
      url: '/v1/users/{userId}/erasure',
      permission: 'server',
      path: { userId },
      query: {},
      status: 200,
      result: apiErasure,
      async run({ path }) {
        const erasure = await deps.queries.erasures.read(path.userId)
        if (erasure !== undefined) return answerOf(erasure)
        throw new ChatError('no_such_user', `nobody has asked to erase ${path.userId}`)
      },
    }),
  ]
}

function answerOf({ askedMs, askedBy, finishedMs, conversations }: Erasure) {
  return { askedAtMs: askedMs, askedBy, finishedAtMs: finishedMs, conversations }
}

/** Repeating it goes on where it stopped: a conversation left is not in the list any more. */
async function eraseUser(
  deps: ErasureOperationsDeps,
  id: UserId,
  serverKey: string,
): Promise<void> {
  const { queries, clock, telemetry } = deps
  const askedMs = await beginErasure(deps, id, serverKey)
  const erasure = { userId: id, askedMs }
  await queries.users.write({ id })
  await leaveAll(deps, erasure)
  await unfollowAll(queries, id)
  await endSessions(deps, id)
  await queries.erasures.expectNoMore(erasure, clock.nowMs())
  const current = await queries.erasures.read(id)
  // Otherwise the job that does the last of it says so.
  if (current?.finishedMs !== undefined) telemetry.userErased(current)
}

/** Goes on with the one that is under way; gives when it was asked for first. */
async function beginErasure(
  { queries: { erasures }, clock }: Pick<ErasureOperationsDeps, 'queries' | 'clock'>,
  id: UserId,
  serverKey: string,
): Promise<number> {
  const former = await erasures.read(id)
  if (former !== undefined && former.finishedMs === undefined) return former.askedMs
  const askedMs = Math.max(clock.nowMs(), (former?.askedMs ?? 0) + 1)
  await erasures.begin({ userId: id, askedMs, askedBy: serverKey })
  return askedMs
}

async function leaveAll(
  { queries, submitter }: Pick<ErasureOperationsDeps, 'queries' | 'submitter'>,
  erasure: Pick<Erasure, 'userId' | 'askedMs'>,
): Promise<void> {
  const { userId: id } = erasure
  let after: ConversationId | undefined
  for (;;) {
    const rows = await queries.inbox.list(id, { after, limit: CONVERSATIONS_AT_ONCE })
    const conversationIds = rows.map(({ conversationId }) => conversationId)
    // First: once the user has left it, nobody finds the conversation again.
    await queries.erasures.expect(erasure, conversationIds)
    await Promise.all(
      conversationIds.map((conversationId) =>
        submitter.report({
          conversationId,
          authorId: id,
          content: { kind: 'erase_user', userId: id },
        }),
      ),
    )
    after = conversationIds.at(-1)
    if (after === undefined) return
  }
}

async function unfollowAll(queries: InboxDeps, id: UserId): Promise<void> {
  for (;;) {
    const followed = await queries.followers.following(id, CONVERSATIONS_AT_ONCE)
    if (followed.length === 0) return
    for (const { conversationId } of followed) await unfollowChannel(queries, id, conversationId)
  }
}
