import type { Message } from '@satchel/client'
import { useConversation } from '../conversation/conversation-context.ts'
import { useSession } from '../session/session-context.ts'
import { toneOf } from '../ui/tone-of.ts'
import { describeMessage } from '../words/describe-message.ts'

interface ReplyQuoteProps {
  readonly seq: number
  /** Absent while it is not loaded. */
  readonly message: Message | undefined
}

export function ReplyQuote({ seq, message }: ReplyQuoteProps) {
  const { names, me } = useSession()
  const { actions } = useConversation()
  const author =
    message === undefined ? '' : message.authorId === me.id ? 'You' : names.nameOf(message.authorId)
  return (
    <button
      type="button"
      class="quote"
      aria-label={`Go to the message this answers${author === '' ? '' : `, by ${author}`}`}
      onClick={() => actions.jumpTo(seq)}
    >
      {message === undefined ? (
        <span>Show the earlier message</span>
      ) : (
        <>
          <b class={`truncate ${toneOf(message.authorId)}`}>{author}</b>
          <span class="truncate">{describeMessage(message)}</span>
        </>
      )}
    </button>
  )
}
