import type { Conversation, Message, MessageAttachment } from '@satchel/client'
import { useMemo } from 'preact/hooks'
import { downloadAttachment } from '../attachment/download-attachment.ts'
import type { ComposerContext } from '../composer/composer-context-bar.tsx'
import { useAttempt } from '../session/use-attempt.ts'
import { useSession } from '../session/session-context.ts'
import type { ConversationActions } from './conversation-context.ts'

interface Screen {
  readonly setContext: (context: ComposerContext) => void
  readonly setToForward: (message: Message) => void
  readonly setToDelete: (message: Message) => void
  readonly setViewed: (attachment: MessageAttachment) => void
  readonly jumpTo: (seq: number) => void
}

/** What the buttons of messages do. The same object as long as the conversation is. */
export function useConversationActions(
  conversation: Conversation,
  { setContext, setToForward, setToDelete, setViewed, jumpTo }: Screen,
): ConversationActions {
  const { chat } = useSession()
  const attempt = useAttempt()
  return useMemo(
    () => ({
      reply: (message) => setContext({ kind: 'reply', message }),
      edit: (message) => setContext({ kind: 'edit', message }),
      forward: setToForward,
      remove: setToDelete,
      react: (message, emoji) => {
        if (message.seq === undefined) return
        const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine)
        attempt(conversation.react(message.seq, emoji, { removed: mine }))
      },
      pin: (seq) => attempt(conversation.pin(seq)),
      unpin: (seq) => attempt(conversation.unpin(seq)),
      // A failure shows at the message itself.
      resend: (message) => void conversation.retry(message.key).catch(() => undefined),
      discard: (message) => conversation.discard(message.key),
      jumpTo,
      view: setViewed,
      download: (attachment) => attempt(downloadAttachment(chat, attachment)),
    }),
    [conversation, chat, attempt, setContext, setToForward, setToDelete, setViewed, jumpTo],
  )
}
