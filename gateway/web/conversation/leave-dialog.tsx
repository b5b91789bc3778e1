import { useAttempt } from '../session/use-attempt.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogActions } from '../ui/dialog-actions.tsx'
import { useConversation } from './conversation-context.ts'

interface LeaveDialogProps {
  readonly onBack: () => void
  readonly onClose: () => void
}

export function LeaveDialog({ onBack, onClose }: LeaveDialogProps) {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const leave = (): void => {
    attempt(conversation.leave())
    onClose()
  }
  return (
    <Dialog
      title={`Leave this ${conversation.kind}?`}
      onClose={onClose}
      footer={
        <DialogActions
          dismiss="Stay"
          onDismiss={onBack}
          confirm="Leave"
          onConfirm={leave}
          tone="danger"
        />
      }
    >
      <p>You will get no more messages from it until somebody adds you again.</p>
    </Dialog>
  )
}
