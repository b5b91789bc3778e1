import { useState } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'
import { describeMessage } from '../words/describe-message.ts'
import { useConversation } from './conversation-context.ts'
import { PinnedDialog } from './pinned-dialog.tsx'
import { usePinnedMessage } from './use-pinned-message.ts'

/** The message that was pinned last, under the header; the others behind a button. */
export function PinnedBar() {
  const { conversation, actions } = useConversation()
  const [showsAll, setShowsAll] = useState(false)
  const pins = conversation.entry?.pins ?? []
  const last = pins.at(-1)
  const message = usePinnedMessage(conversation, last)
  if (last === undefined) return null
  return (
    <div class="pinned-bar" role="region" aria-label="Pinned messages">
      <button type="button" class="pinned-message" onClick={() => actions.jumpTo(last)}>
        <Icon name="pin" size={18} />
        <span class="words">
          <b>Pinned</b>
          <span class="truncate">{message === undefined ? '…' : describeMessage(message)}</span>
        </span>
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={`All pinned messages, ${String(pins.length)}`}
        title="All pinned messages"
        onClick={() => setShowsAll(true)}
      >
        <Icon name="list" />
      </button>
      {showsAll && <PinnedDialog pins={pins} onClose={() => setShowsAll(false)} />}
    </div>
  )
}
