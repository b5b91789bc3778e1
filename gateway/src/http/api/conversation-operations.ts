import { createHash } from 'node:crypto'
import {
  LIMITS,
  conversationDetails,
  conversationId,
  conversationIdFrom,
  memberSettings,
  schema,
  timeMs,
  userId,
  type ConversationId,
} from '@satchel/protocol'
import {
  readConversation,
  readDirectConversation,
  readInbox,
  requireTarget,
  type CommandSubmitter,
  type InboxDeps,
} from '@satchel/chat-core'
import { linkedEntry, type EventFormat } from '../../socket/event-frames.ts'
import type { Following } from '../../socket/following.ts'
import { submitCommand } from './api-commands.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import {
  apiCommandResult,
  apiInboxEntry,
  apiInboxPage,
  apiNewConversation,
  nothing,
} from './api-schemas.ts'

export interface ConversationOperationsDeps extends Pick<EventFormat, 'links' | 'clock'> {
  readonly queries: InboxDeps
  readonly following: Following
  readonly submitter: CommandSubmitter
}

const { integer, optional } = schema
const path = { conversationId }

export function conversationOperations(
  deps: ConversationOperationsDeps,
): readonly AnyApiOperation[] {
  return [
    ...readingOperations(deps),
    ...creatingOperations(deps),
    ...changingOperations(deps),
    ...followingOperations(deps),
  ]
}

function readingOperations(deps: ConversationOperationsDeps): readonly AnyApiOperation[] {
  const { queries } = deps
  return [
    operation({
      id: 'listConversations',
      summary:
        'Conversations of a user, newest first; `beforeMs`, `beforeId` = head time and id of the last one.',
      method: 'GET',
      url: '/v1/conversations',
      permission: 'user',
      path: {},
      query: {
        beforeMs: optional(timeMs),
        beforeId: optional(conversationId),
        limit: optional(integer(1, LIMITS.pageSize)),
      },
      status: 200,
      result: apiInboxPage,
      async run({ userId, query }) {
        const page = await readInbox(queries, userId, query)
        return { ...page, conversations: page.conversations.map((one) => linkedEntry(deps, one)) }
      },
    }),
    operation({
      id: 'readConversation',
      summary: 'One conversation as the user sees it in their inbox.',
      method: 'GET',
      url: '/v1/conversations/{conversationId}',
      permission: 'user',
      path,
      query: {},
      status: 200,
      result: apiInboxEntry,
      run: async (call) =>
        linkedEntry(deps, await readConversation(queries, call.userId, call.path.conversationId)),
    }),
    operation({
      id: 'readDirectConversation',
      summary: 'The direct conversation with another person, once somebody has written in it.',
      method: 'GET',
      url: '/v1/users/{userId}/conversation',
      permission: 'user',
      path: { userId },
      query: {},
      status: 200,
      result: apiInboxEntry,
      async run({ userId: asking, path: { userId: to } }) {
        const id = requireTarget(asking, { to })
        return linkedEntry(deps, await readDirectConversation(queries, asking, id))
      },
    }),
  ]
}

function creatingOperations({ submitter }: ConversationOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'createConversation',
      summary: 'Creates a group or channel owned by the user.',
      method: 'POST',
      url: '/v1/conversations',
      permission: 'user',
      capability: 'create',
      path: {},
      query: {},
      body: apiNewConversation,
      status: 201,
      result: apiCommandResult,
      run: (call) => {
        const { conversationId: chosen, ...wanted } = call.body
        const command = { kind: 'create_conversation', ...wanted } as const
        const id = chosen ?? idOfKey(call.key.hash, wanted.conversationKind)
        return submitCommand(submitter, call, { conversationId: id }, command)
      },
    }),
  ]
}

function changingOperations({ submitter }: ConversationOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'updateConversation',
      summary: 'Changes title, avatar, data or settings; what is absent stays.',
      method: 'PATCH',
      url: '/v1/conversations/{conversationId}',
      permission: 'user',
      capability: 'manage',
      path,
      query: {},
      body: conversationDetails,
      status: 200,
      result: apiCommandResult,
      run: (call) =>
        submitCommand(submitter, call, call.path, { kind: 'update_conversation', ...call.body }),
    }),
    operation({
      id: 'deleteConversation',
      summary: 'Deletes the conversation for everybody.',
      method: 'DELETE',
      url: '/v1/conversations/{conversationId}',
      permission: 'user',
      capability: 'manage',
      path,
      query: {},
      status: 200,
      result: apiCommandResult,
      run: (call) => submitCommand(submitter, call, call.path, { kind: 'delete_conversation' }),
    }),
    operation({
      id: 'setMemberSettings',
      summary: 'Sets the user’s own settings of the conversation.',
      method: 'PUT',
      url: '/v1/conversations/{conversationId}/settings',
      permission: 'user',
      path,
      query: {},
      body: memberSettings,
      status: 200,
      result: apiCommandResult,
      run: (call) =>
        submitCommand(submitter, call, call.path, { kind: 'set_member_settings', ...call.body }),
    }),
  ]
}

function followingOperations(deps: ConversationOperationsDeps): readonly AnyApiOperation[] {
  const url = '/v1/conversations/{conversationId}/follow'
  return [
    operation({
      id: 'followChannel',
      summary: 'Makes the user a reader of the channel.',
      method: 'PUT',
      url,
      permission: 'user',
      path,
      query: {},
      status: 200,
      result: apiInboxEntry,
      run: async (call) =>
        linkedEntry(deps, await deps.following.follow(call.userId, call.path.conversationId)),
    }),
    operation({
      id: 'unfollowChannel',
      summary: 'Ends following the channel.',
      method: 'DELETE',
      url,
      permission: 'user',
      path,
      query: {},
      status: 200,
      result: nothing,
      async run(call) {
        await deps.following.unfollow(call.userId, call.path.conversationId)
        return {}
      },
    }),
  ]
}

/** The same `Idempotency-Key` makes the same conversation; without one each request makes its own. */
function idOfKey(hash: string, kind: 'group' | 'channel'): ConversationId {
  return conversationIdFrom(kind, createHash('sha256').update(`new ${kind} ${hash}`).digest())
}
