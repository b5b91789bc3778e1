import {
  ChatError,
  type CommandResult,
  type ConversationId,
  type Fields,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import type { CommandSubmitter } from '@satchel/chat-core'
import type { ApiCall } from './api-operation.ts'

type Target = { readonly conversationId: ConversationId } | { readonly to: UserId }
type Asked = Pick<ApiCall<Fields, Fields, Fields>, 'userId' | 'byServer' | 'key'>

/** Longer than this nobody waits for an answer. */
const ANSWER_DEADLINE_MS = 30_000

/** Submits a command of an HTTP request; each request is a line of its own. */
export async function submitCommand(
  submitter: CommandSubmitter,
  { userId, byServer, key }: Asked,
  target: Target,
  command: RequestedCommand,
): Promise<CommandResult> {
  const answer = submitter
    .openLine()
    .submit({ authorId: userId, byServer, key, command, ...target })
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(
      new ChatError('retry', 'no answer yet; send it again with the same Idempotency-Key'),
    )
  }, ANSWER_DEADLINE_MS)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
