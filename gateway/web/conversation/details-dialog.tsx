import { useState } from 'preact/hooks'
import { PeoplePicker } from '../people/people-picker.tsx'
import { useMembers } from '../people/use-members.ts'
import { useAttempt } from '../session/use-attempt.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { useConversation } from './conversation-context.ts'
import { MemberList } from './member-list.tsx'
import { MuteSwitch } from './mute-switch.tsx'
import { RenameForm } from './rename-form.tsx'

interface DetailsDialogProps {
  readonly title: string
  readonly onClose: () => void
}

export function DetailsDialog({ title, onClose }: DetailsDialogProps) {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const members = useMembers(conversation)
  const [isAdding, setAdding] = useState(false)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { kind, entry } = conversation
  const mayManage = entry?.role === 'owner' || entry?.role === 'admin'
  const mayAdd = kind !== 'direct' && (mayManage || entry?.settings?.membersCanAdd === true)
  const add = (): void => {
    attempt(conversation.addMembers(chosen))
    setChosen([])
    setAdding(false)
  }
  if (isAdding) {
    return (
      <Dialog
        title="Add people"
        onClose={onClose}
        footer={
          <>
            <button type="button" class="button plain" onClick={() => setAdding(false)}>
              Back
            </button>
            <button
              type="button"
              class="button primary"
              disabled={chosen.length === 0}
              onClick={add}
            >
              Add
            </button>
          </>
        }
      >
        <PeoplePicker
          chosen={chosen}
          onChange={setChosen}
          hidden={members.map(({ userId }) => userId)}
        />
      </Dialog>
    )
  }
  return (
    <Dialog title={title} onClose={onClose}>
      {kind !== 'direct' && mayManage && <RenameForm title={title} />}
      <MuteSwitch />
      <MemberList members={members} />
      {mayAdd && (
        <button type="button" class="button" onClick={() => setAdding(true)}>
          <Icon name="add" size={18} />
          Add people
        </button>
      )}
      {kind !== 'direct' && (
        <button
          type="button"
          class="button plain leave"
          onClick={() => {
            attempt(conversation.leave())
            onClose()
          }}
        >
          <Icon name="leave" size={18} />
          Leave this {kind}
        </button>
      )}
    </Dialog>
  )
}
