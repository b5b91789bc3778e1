import { useState } from 'preact/hooks'
import { useMembers } from '../people/use-members.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { AddPeopleDialog } from './add-people-dialog.tsx'
import { useConversation } from './conversation-context.ts'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberList } from './member-list.tsx'
import { MuteSwitch } from './mute-switch.tsx'
import { RenameForm } from './rename-form.tsx'
import { rightsIn } from './rights-in.ts'
import { RightsSwitches } from './rights-switches.tsx'

interface DetailsDialogProps {
  readonly title: string
  readonly onClose: () => void
}

export function DetailsDialog({ title, onClose }: DetailsDialogProps) {
  const { conversation } = useConversation()
  const members = useMembers(conversation)
  const [isAdding, setAdding] = useState(false)
  const [isLeaving, setLeaving] = useState(false)
  const { isShared, mayManage, mayAdd } = rightsIn(conversation)
  if (isAdding) {
    const memberIds = members.map(({ userId }) => userId)
    return (
      <AddPeopleDialog memberIds={memberIds} onBack={() => setAdding(false)} onClose={onClose} />
    )
  }
  if (isLeaving) return <LeaveDialog onBack={() => setLeaving(false)} onClose={onClose} />
  return (
    <Dialog title={title} onClose={onClose}>
      {mayManage && <RenameForm title={title} />}
      <MuteSwitch />
      {mayManage && <RightsSwitches />}
      <MemberList members={members} />
      {mayAdd && (
        <button type="button" class="button" onClick={() => setAdding(true)}>
          <Icon name="add" size={18} />
          Add people
        </button>
      )}
      {isShared && (
        <button type="button" class="button plain leave" onClick={() => setLeaving(true)}>
          <Icon name="leave" size={18} />
          Leave this {conversation.kind}
        </button>
      )}
    </Dialog>
  )
}
