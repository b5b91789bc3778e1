import { LIMITS } from '@satchel/protocol'
import { useState } from 'preact/hooks'
import { PeoplePicker } from '../people/people-picker.tsx'
import type { Place } from '../session/place.ts'
import { useSession } from '../session/session-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { describeError } from '../words/describe-error.ts'

interface NewConversationDialogProps {
  readonly onClose: () => void
  readonly onOpen: (place: Place) => void
}

/** One person: a direct conversation. More, or a name: a group. */
export function NewConversationDialog({ onClose, onOpen }: NewConversationDialogProps) {
  const { chat, names } = useSession()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [title, setTitle] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>()
  const [only] = chosen
  const isGroup = chosen.length > 1 || title.trim() !== ''

  const create = async (): Promise<Place | undefined> => {
    if (!isGroup) return only === undefined ? undefined : { peerId: only }
    const suggested = chosen
      .slice(0, 3)
      .map((id) => names.nameOf(id))
      .join(', ')
    const wanted = title.trim() === '' ? suggested : title.trim()
    const conversation = await chat.createConversation({
      kind: 'group',
      title: wanted,
      memberIds: chosen,
    })
    return conversation.id === undefined ? undefined : { conversationId: conversation.id }
  }
  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      const place = await create()
      if (place !== undefined) onOpen(place)
      onClose()
    } catch (error) {
      setProblem(describeError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title="New conversation"
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button plain" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            class="button primary"
            disabled={chosen.length === 0 || isBusy}
            onClick={() => void submit()}
          >
            {isBusy && <span class="spinner" />}
            {isGroup ? 'Create group' : 'Start chat'}
          </button>
        </>
      }
    >
      <PeoplePicker chosen={chosen} onChange={setChosen} />
      {chosen.length > 0 && (
        <div class="field">
          <label for="group-name">
            {chosen.length > 1 ? 'Group name' : 'Group name (leave empty for a direct chat)'}
          </label>
          <input
            id="group-name"
            class="input"
            maxLength={LIMITS.titleCharacters}
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </div>
      )}
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
