import { COMMANDS, LIMITS, REQUESTS, conversationId, role, schema, userId } from '@satchel/protocol'
import { readMarks, readMembers, type CommandSubmitter, type InboxDeps } from '@satchel/chat-core'
import { requireCapability } from '../../tokens/require-capability.ts'
import { submitCommand } from './api-commands.ts'
import { operation, type AnyApiOperation } from './api-operation.ts'
import { apiCommandResult, apiMarks } from './api-schemas.ts'

export interface MemberOperationsDeps {
  readonly queries: InboxDeps
  readonly submitter: CommandSubmitter
}

const { integer, map, optional } = schema
const url = '/v1/conversations/{conversationId}/members'
const one = `${url}/{userId}` as const
const member = { conversationId, userId }

export function memberOperations(deps: MemberOperationsDeps): readonly AnyApiOperation[] {
  return [...readingOperations(deps), ...changingOperations(deps)]
}

function readingOperations({ queries }: MemberOperationsDeps): readonly AnyApiOperation[] {
  return [
    operation({
      id: 'listMembers',
      summary: 'Members in the order of their ids; `after` = the last id one has.',
      method: 'GET',
      url,
      permission: 'user',
      path: { conversationId },
      query: { after: optional(userId), limit: optional(integer(1, LIMITS.pageSize)) },
      status: 200,
      result: REQUESTS.members.result,
      run: ({ userId: reader, path, query }) =>
        readMembers(queries, reader, path.conversationId, query),
    }),
    operation({
      id: 'readMarks',
      summary: 'How far members have read and received; in large conversations the user alone.',
      method: 'GET',
      url: '/v1/conversations/{conversationId}/marks',
      permission: 'user',
      path: { conversationId },
      query: {},
      status: 200,
      result: apiMarks,
      run: async (call) => ({
        marks: await readMarks(queries, call.userId, call.path.conversationId),
      }),
    }),
  ]
}

function changingOperations({ submitter }: MemberOperationsDeps): readonly AnyApiOperation[] {
  const shared = { permission: 'user', query: {}, status: 200, result: apiCommandResult } as const
  return [
    operation({
      ...shared,
      id: 'addMembers',
      summary: 'Adds people; those who are members already stay as they are.',
      method: 'POST',
      url,
      capability: 'manage',
      path: { conversationId },
      body: map(COMMANDS.add_members.fields, 'members to add'),
      run: (call) =>
        submitCommand(submitter, call, call.path, { kind: 'add_members', ...call.body }),
    }),
    operation({
      ...shared,
      id: 'removeMember',
      summary:
        'Removes a member, for which tokens need the capability `manage`; removing oneself is leaving.',
      method: 'DELETE',
      url: one,
      path: member,
      run(call) {
        const { conversationId: id, userId: who } = call.path
        const isSelf = who === call.userId
        // Leaving takes none.
        if (!isSelf) requireCapability(call, 'manage')
        return submitCommand(
          submitter,
          call,
          { conversationId: id },
          isSelf ? { kind: 'leave_conversation' } : { kind: 'remove_member', userId: who },
        )
      },
    }),
    operation({
      ...shared,
      id: 'setRole',
      summary: 'Gives a member another role.',
      method: 'PUT',
      url: `${one}/role`,
      capability: 'manage',
      path: member,
      body: map({ role }, 'role'),
      run: (call) =>
        submitCommand(
          submitter,
          call,
          { conversationId: call.path.conversationId },
          { kind: 'set_role', userId: call.path.userId, role: call.body.role },
        ),
    }),
  ]
}
