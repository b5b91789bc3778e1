import type { Message } from '@satchel/client'
import type { ErrorCode } from '@satchel/protocol'
import { describeCode } from './describe-error.ts'

/** Why an own message did not arrive. */
export function describeFailedMessage(
  { attachments }: Pick<Message, 'attachments'>,
  code: ErrorCode,
): string {
  // Files of a forwarded message are in two conversations.
  if (code === 'not_a_member' && attachments.length > 0) {
    return 'You are not in this conversation any more, or not in the one the files are from.'
  }
  return describeCode(code)
}
