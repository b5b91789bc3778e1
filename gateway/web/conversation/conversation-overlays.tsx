import type { Message, MessageAttachment } from '@satchel/client'
import { Viewer } from '../attachment/viewer.tsx'
import { ForwardDialog } from '../forward/forward-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'

interface ConversationOverlaysProps {
  readonly toForward: Message | undefined
  readonly toDelete: Message | undefined
  readonly viewed: MessageAttachment | undefined
  readonly onClose: () => void
}

export function ConversationOverlays(props: ConversationOverlaysProps) {
  const { toForward, toDelete, viewed, onClose } = props
  return (
    <>
      {toForward !== undefined && <ForwardDialog message={toForward} onClose={onClose} />}
      {toDelete !== undefined && <DeleteDialog message={toDelete} onClose={onClose} />}
      {viewed !== undefined && <Viewer first={viewed} onClose={onClose} />}
    </>
  )
}
