import type { Message } from '@satchel/client'
import { useRef, useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { Icon } from '../ui/icon.tsx'
import { EmojiMenu } from './emoji-menu.tsx'
import { MessageMenu } from './message-menu.tsx'

interface MessageToolbarProps {
  readonly message: Message
  readonly isOwn: boolean
}

export function MessageToolbar({ message, isOwn }: MessageToolbarProps) {
  const { actions } = useConversation()
  const [open, setOpen] = useState<'emoji' | 'more' | undefined>()
  const emojiButton = useRef<HTMLButtonElement>(null)
  const moreButton = useRef<HTMLButtonElement>(null)
  const close = (): void => setOpen(undefined)
  return (
    <div class="toolbar" role="group" aria-label="What to do with this message">
      <button
        ref={emojiButton}
        type="button"
        class="icon-button"
        aria-label="React"
        title="React"
        aria-haspopup="menu"
        aria-expanded={open === 'emoji'}
        onClick={() => setOpen(open === 'emoji' ? undefined : 'emoji')}
      >
        <Icon name="smile" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Reply"
        title="Reply"
        onClick={() => actions.reply(message)}
      >
        <Icon name="reply" />
      </button>
      <button
        ref={moreButton}
        type="button"
        class="icon-button"
        aria-label="More"
        title="More"
        aria-haspopup="menu"
        aria-expanded={open === 'more'}
        onClick={() => setOpen(open === 'more' ? undefined : 'more')}
      >
        <Icon name="more" />
      </button>
      {open === 'emoji' && emojiButton.current !== null && (
        <EmojiMenu
          label="React with"
          anchor={emojiButton.current}
          onClose={close}
          onChoose={(emoji) => {
            close()
            actions.react(message, emoji)
          }}
        />
      )}
      {open === 'more' && moreButton.current !== null && (
        <MessageMenu message={message} isOwn={isOwn} anchor={moreButton.current} onClose={close} />
      )}
    </div>
  )
}
