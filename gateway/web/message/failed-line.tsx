import type { Message } from '@satchel/client'
import type { ErrorCode } from '@satchel/protocol'
import { useConversation } from '../conversation/conversation-context.ts'
import { describeFailedMessage } from '../words/describe-failed-message.ts'

interface FailedLineProps {
  readonly message: Message
  readonly code: ErrorCode
}

export function FailedLine({ message, code }: FailedLineProps) {
  const { actions } = useConversation()
  return (
    <div class="failed-line" role="alert">
      <span>Not sent. {describeFailedMessage(message, code)}</span>
      <button type="button" onClick={() => actions.resend(message)}>
        Try again
      </button>
      <button type="button" onClick={() => actions.discard(message)}>
        Discard
      </button>
    </div>
  )
}
