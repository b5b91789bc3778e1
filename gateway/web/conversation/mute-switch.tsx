import { useAttempt } from '../session/use-attempt.ts'
import { useConversation } from './conversation-context.ts'

/** Far enough to be for ever. */
const UNTIL_TOLD_MS = Date.UTC(2100, 0)

export function MuteSwitch() {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const mutedUntilMs = conversation.entry?.memberSettings?.mutedUntilMs ?? 0
  return (
    <label class="check">
      <input
        type="checkbox"
        role="switch"
        checked={mutedUntilMs > Date.now()}
        onChange={(event) =>
          attempt(conversation.mute(event.currentTarget.checked ? UNTIL_TOLD_MS : 0))
        }
      />
      Mute: do not count its new messages
    </label>
  )
}
