import { LIMITS } from '@satchel/protocol'
import { useState } from 'preact/hooks'
import { useAttempt } from '../session/use-attempt.ts'
import { useConversation } from './conversation-context.ts'

export function RenameForm({ title }: { readonly title: string }) {
  const { conversation } = useConversation()
  const attempt = useAttempt()
  const [name, setName] = useState(title)
  const isChanged = name.trim() !== '' && name.trim() !== title
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged) attempt(conversation.update({ title: name.trim() }))
      }}
    >
      <input
        class="input"
        aria-label="Name of the conversation"
        maxLength={LIMITS.titleCharacters}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={!isChanged}>
        Rename
      </button>
    </form>
  )
}
