import type { Message } from '@satchel/client'
import { useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { findConversation } from '../session/find-conversation.ts'
import { hashOf } from '../session/place.ts'
import { useAttempt } from '../session/use-attempt.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogActions } from '../ui/dialog-actions.tsx'
import { describeForward } from './describe-forward.ts'
import type { ForwardDescription } from './describe-forward.ts'
import { TargetPicker } from './target-picker.tsx'
import { useForwardTargets } from './use-forward-targets.ts'

interface ForwardDialogProps {
  readonly message: Message
  readonly onClose: () => void
}

/** Chooses where a message goes, sends it there, and opens that. */
export function ForwardDialog({ message, onClose }: ForwardDialogProps) {
  const { chat } = useSession()
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const { query, setQuery, targets, isSearching } = useForwardTargets()
  const [chosenId, setChosen] = useState<string | undefined>()
  // Whoever types means what is found first.
  const first = query.trim() === '' ? undefined : targets[0]
  const chosen = targets.find(({ id }) => id === chosenId) ?? first
  // It may change while somebody looks for a name.
  const current = conversation.messages.find(({ seq }) => seq === message.seq) ?? message
  const forward = describeForward(current)
  const isPossible = forward.problem === undefined
  const send = (): void => {
    if (chosen === undefined || !isPossible) return
    const target = findConversation(chat, chosen.place)
    if (target !== undefined) attempt(target.forward(current))
    onClose()
    location.hash = hashOf(chosen.place)
  }
  return (
    <Dialog
      title="Forward to"
      onClose={onClose}
      footer={
        <DialogActions
          dismiss="Cancel"
          onDismiss={onClose}
          confirm="Forward"
          onConfirm={send}
          isPossible={chosen !== undefined && isPossible}
        />
      }
    >
      <ForwardSummary forward={forward} />
      <TargetPicker
        query={query}
        onQuery={(typed) => {
          setQuery(typed)
          setChosen(undefined)
        }}
        targets={targets}
        isSearching={isSearching}
        chosen={chosen}
        onChoose={({ id }) => setChosen(id)}
        onConfirm={send}
      />
    </Dialog>
  )
}

function ForwardSummary({ forward }: { readonly forward: ForwardDescription }) {
  const { summary, problem, note } = forward
  return (
    <div class="forwarded">
      <p class="summary truncate" dir="auto">
        {summary}
      </p>
      {note !== undefined && <p class="note">{note}</p>}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
