import type { Message } from '@satchel/client'
import { useAttempt } from '../session/use-attempt.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogActions } from '../ui/dialog-actions.tsx'
import { useConversation } from './conversation-context.ts'

interface DeleteDialogProps {
  readonly message: Message
  readonly onClose: () => void
}

export function DeleteDialog({ message, onClose }: DeleteDialogProps) {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const remove = (): void => {
    if (message.seq !== undefined) attempt(conversation.delete(message.seq))
    onClose()
  }
  return (
    <Dialog
      title="Delete this message?"
      onClose={onClose}
      footer={
        <DialogActions
          dismiss="Keep it"
          onDismiss={onClose}
          confirm="Delete"
          onConfirm={remove}
          tone="danger"
        />
      }
    >
      <p>
        {message.attachments.length === 0
          ? 'It will be gone for everybody in this conversation.'
          : 'It and its files will be gone for everybody in this conversation.'}
      </p>
    </Dialog>
  )
}
