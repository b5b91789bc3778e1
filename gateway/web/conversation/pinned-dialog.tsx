import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { describeMessage } from '../words/describe-message.ts'
import { completeTime } from '../words/describe-time.ts'
import { useConversation } from './conversation-context.ts'
import { rightsIn } from './rights-in.ts'
import { usePinnedMessage } from './use-pinned-message.ts'

interface PinnedDialogProps {
  readonly pins: readonly number[]
  readonly onClose: () => void
}

/** Everything that is pinned, what was pinned last first. */
export function PinnedDialog({ pins, onClose }: PinnedDialogProps) {
  return (
    <Dialog title="Pinned messages" onClose={onClose}>
      <ul class="pinned-list" aria-label="Pinned messages">
        {pins.toReversed().map((seq) => (
          <PinnedLine key={seq} seq={seq} onGo={onClose} />
        ))}
      </ul>
    </Dialog>
  )
}

function PinnedLine({ seq, onGo }: { readonly seq: number; readonly onGo: () => void }) {
  const { conversation, actions } = useConversation()
  const { me, names } = useSession()
  const message = usePinnedMessage(conversation, seq)
  const author =
    message === undefined ? '' : message.authorId === me.id ? 'You' : names.nameOf(message.authorId)
  return (
    <li>
      <button
        type="button"
        class="pinned-message"
        onClick={() => {
          onGo()
          actions.jumpTo(seq)
        }}
      >
        <span class="words">
          <b class="truncate">{author}</b>
          <span class="text">{message === undefined ? '…' : describeMessage(message)}</span>
          {message !== undefined && <span class="note">{completeTime(message.timeMs)}</span>}
        </span>
      </button>
      {rightsIn(conversation).mayPin && (
        <button
          type="button"
          class="icon-button"
          aria-label="Unpin"
          title="Unpin"
          onClick={() => actions.unpin(seq)}
        >
          <Icon name="unpin" />
        </button>
      )}
    </li>
  )
}
