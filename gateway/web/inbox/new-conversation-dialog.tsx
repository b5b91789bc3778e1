import { useState } from 'preact/hooks'
import { PeoplePicker } from '../people/people-picker.tsx'
import type { Place } from '../session/place.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogActions } from '../ui/dialog-actions.tsx'
import { GroupNameField } from './group-name-field.tsx'
import { useCreateConversation } from './use-create-conversation.ts'

interface NewConversationDialogProps {
  readonly onClose: () => void
  readonly onOpen: (place: Place) => void
}

/** One person: a direct conversation. More, or a name: a group. */
export function NewConversationDialog({ onClose, onOpen }: NewConversationDialogProps) {
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [title, setTitle] = useState('')
  const { isGroup, isBusy, problem, create } = useCreateConversation({
    chosen,
    title: title.trim(),
    onCreated: (place) => {
      onOpen(place)
      onClose()
    },
  })
  return (
    <Dialog
      title="New conversation"
      onClose={onClose}
      footer={
        <DialogActions
          dismiss="Cancel"
          onDismiss={onClose}
          confirm={
            <>
              {isBusy && <span class="spinner" />}
              {isGroup ? 'Create group' : 'Start chat'}
            </>
          }
          onConfirm={create}
          isPossible={chosen.length > 0 && !isBusy}
        />
      }
    >
      <PeoplePicker chosen={chosen} onChange={setChosen} />
      {chosen.length > 0 && (
        <GroupNameField isOptional={chosen.length === 1} title={title} onChange={setTitle} />
      )}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
