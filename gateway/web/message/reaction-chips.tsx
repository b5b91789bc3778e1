import type { Message, Reaction } from '@satchel/client'
import { useConversation } from '../conversation/conversation-context.ts'
import { useSession } from '../session/session-context.ts'
import { count, listWords } from '../words/list-words.ts'

export function ReactionChips({ message }: { readonly message: Message }) {
  const { actions } = useConversation()
  const { me, names } = useSession()
  if (message.reactions.length === 0) return null
  const who = ({ userIds, count: number }: Reaction): string =>
    userIds === undefined
      ? count(number, 'person', 'people')
      : listWords(
          userIds.map((id) => (id === me.id ? 'You' : names.nameOf(id))),
          6,
        )
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {message.reactions.map((reaction) => (
        <button
          key={reaction.emoji}
          type="button"
          class="chip"
          aria-pressed={reaction.mine}
          aria-label={`${reaction.emoji}, ${who(reaction)}`}
          title={who(reaction)}
          onClick={() => actions.react(message, reaction.emoji)}
        >
          <span class="emoji">{reaction.emoji}</span>
          {reaction.count}
        </button>
      ))}
    </div>
  )
}
