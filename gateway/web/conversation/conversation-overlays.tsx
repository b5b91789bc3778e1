import type { Message, MessageAttachment } from '@satchel/client'
import { Viewer } from '../attachment/viewer.tsx'
import { DeleteDialog } from './delete-dialog.tsx'

interface ConversationOverlaysProps {
  readonly toDelete: Message | undefined
  readonly viewed: MessageAttachment | undefined
  readonly onClose: () => void
}

export function ConversationOverlays({ toDelete, viewed, onClose }: ConversationOverlaysProps) {
  return (
    <>
      {toDelete !== undefined && <DeleteDialog message={toDelete} onClose={onClose} />}
      {viewed !== undefined && <Viewer first={viewed} onClose={onClose} />}
    </>
  )
}
