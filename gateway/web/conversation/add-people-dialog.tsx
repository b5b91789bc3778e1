import { useState } from 'preact/hooks'
import { PeoplePicker } from '../people/people-picker.tsx'
import { useAttempt } from '../session/use-attempt.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogActions } from '../ui/dialog-actions.tsx'
import { useConversation } from './conversation-context.ts'

interface AddPeopleDialogProps {
  readonly memberIds: readonly string[]
  readonly onBack: () => void
  readonly onClose: () => void
}

export function AddPeopleDialog({ memberIds, onBack, onClose }: AddPeopleDialogProps) {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const add = (): void => {
    attempt(conversation.addMembers(chosen))
    onBack()
  }
  return (
    <Dialog
      title="Add people"
      onClose={onClose}
      footer={
        <DialogActions
          dismiss="Back"
          onDismiss={onBack}
          confirm="Add"
          onConfirm={add}
          isPossible={chosen.length > 0}
        />
      }
    >
      <PeoplePicker chosen={chosen} onChange={setChosen} hidden={memberIds} />
    </Dialog>
  )
}
