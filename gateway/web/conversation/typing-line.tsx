import { useEffect, useReducer } from 'preact/hooks'
import { useSession } from '../session/session-context.ts'
import { describeActivity } from '../words/describe-activity.ts'
import { useConversation } from './conversation-context.ts'

/** Always there, so that nothing moves when somebody starts to type. */
export function TypingLine() {
  const { conversation } = useConversation()
  const { names } = useSession()
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  useEffect(() => conversation.on('activity', () => renderAgain(undefined)), [conversation])
  const words = describeActivity(conversation.active, (id) => names.nameOf(id))
  return (
    <div class="typing" role="status">
      {words !== undefined && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="truncate">{words}</span>
        </>
      )}
    </div>
  )
}
