import { LIMITS, conversationId, emoji, schema, seq, userId } from '@satchel/protocol'
import {
  markProgress,
  readHistory,
  type CommandSubmitter,
  type InboxDeps,
} from '@satchel/chat-core'
import { linked, type EventFormat } from '../../socket/event-frames.ts'
import { submitCommand } from './api-commands.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import {
  apiCommandResult,
  apiEventPage,
  apiMark,
  apiMarkWanted,
  apiMessage,
  apiMessageEdit,
} from './api-schemas.ts'

export interface MessageOperationsDeps extends Pick<EventFormat, 'links' | 'clock'> {
  readonly queries: InboxDeps
  readonly submitter: CommandSubmitter
}

const { integer, optional } = schema
const conversation = '/v1/conversations/{conversationId}'
const message = `${conversation}/messages/{seq}` as const
const target = { conversationId, seq }
const asCommand = {
  permission: 'user',
  capability: 'send',
  query: {},
  status: 200,
  result: apiCommandResult,
} as const

export function messageOperations(deps: MessageOperationsDeps): readonly AnyApiOperation[] {
  return [
    ...readingOperations(deps),
    ...sendingOperations(deps),
    ...changingOperations(deps),
    ...decoratingOperations(deps),
  ]
}

function readingOperations(deps: MessageOperationsDeps): readonly AnyApiOperation[] {
  const { queries } = deps
  return [
    operation({
      id: 'readEvents',
      summary: 'A page of events: before, after or around a seq; the newest page without any.',
      method: 'GET',
      url: `${conversation}/events`,
      permission: 'user',
      path: { conversationId },
      query: {
        before: optional(seq),
        after: optional(integer(0)),
        around: optional(seq),
        limit: optional(integer(1, LIMITS.pageSize)),
      },
      status: 200,
      result: apiEventPage,
      async run({ userId: reader, path, query }) {
        const { strictLinks, ...page } = await readHistory(
          queries,
          reader,
          path.conversationId,
          query,
        )
        return { ...page, events: page.events.map((event) => linked(deps, event, strictLinks)) }
      },
    }),
    operation({
      id: 'mark',
      summary: 'Says how far the user has read or received; a mark only moves forward.',
      method: 'POST',
      url: `${conversation}/marks`,
      permission: 'user',
      path: { conversationId },
      query: {},
      body: apiMarkWanted,
      status: 200,
      result: apiMark,
      async run({ userId: reader, path, body }) {
        const { kind, seq: upTo } = body
        const { mark } = await markProgress(queries, reader, path.conversationId, kind, upTo)
        return mark
      },
    }),
  ]
}

function sendingOperations({ submitter }: MessageOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      ...asCommand,
      id: 'sendMessage',
      summary: 'Sends a message.',
      method: 'POST',
      url: `${conversation}/messages`,
      path: { conversationId },
      body: apiMessage,
      status: 201,
      run: (call) =>
        submitCommand(submitter, call, call.path, { kind: 'send_message', ...call.body }),
    }),
    operation({
      ...asCommand,
      id: 'sendDirectMessage',
      summary: 'Sends a message to another person; the first one makes the conversation.',
      method: 'POST',
      url: '/v1/users/{userId}/messages',
      path: { userId },
      body: apiMessage,
      status: 201,
      run: (call) =>
        submitCommand(
          submitter,
          call,
          { to: call.path.userId },
          { kind: 'send_message', ...call.body },
        ),
    }),
  ]
}

function changingOperations({ submitter }: MessageOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      ...asCommand,
      id: 'editMessage',
      summary: 'Writes the body of a message anew.',
      method: 'PUT',
      url: message,
      path: target,
      body: apiMessageEdit,
      run: ({ path, body, ...call }) =>
        submitCommand(submitter, call, path, {
          kind: 'edit_message',
          target: path.seq,
          ...body,
        }),
    }),
    operation({
      ...asCommand,
      id: 'deleteMessage',
      summary: 'Deletes a message; its number stays.',
      method: 'DELETE',
      url: message,
      path: target,
      run: ({ path, ...call }) =>
        submitCommand(submitter, call, path, { kind: 'delete_message', target: path.seq }),
    }),
  ]
}

function decoratingOperations({ submitter }: MessageOperationsDeps): readonly AnyApiOperation[] {
  return (['PUT', 'DELETE'] as const).flatMap((method) => [
    operation({
      ...asCommand,
      id: method === 'PUT' ? 'addReaction' : 'removeReaction',
      summary: method === 'PUT' ? 'Reacts to a message.' : 'Takes a reaction back.',
      method,
      url: `${message}/reactions/{emoji}`,
      path: { ...target, emoji },
      run: ({ path, ...call }) =>
        submitCommand(
          submitter,
          call,
          { conversationId: path.conversationId },
          { kind: 'react', target: path.seq, emoji: path.emoji, removed: method === 'DELETE' },
        ),
    }),
    operation({
      ...asCommand,
      id: method === 'PUT' ? 'pinMessage' : 'unpinMessage',
      summary: method === 'PUT' ? 'Pins a message.' : 'Unpins a message.',
      method,
      url: `${message}/pin`,
      path: target,
      run: ({ path, ...call }) =>
        submitCommand(submitter, call, path, {
          kind: method === 'PUT' ? 'pin_message' : 'unpin_message',
          target: path.seq,
        }),
    }),
  ])
}
