import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { EmojiMenu } from '../message/emoji-menu.tsx'
import { Icon } from '../ui/icon.tsx'

interface EmojiButtonProps {
  readonly area: RefObject<HTMLTextAreaElement | null>
  readonly text: string
  readonly setText: (text: string) => void
}

export function EmojiButton({ area, text, setText }: EmojiButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label="Emoji"
        title="Emoji"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="smile" />
      </button>
      {isOpen && button.current !== null && (
        <EmojiMenu
          label="Insert emoji"
          anchor={button.current}
          onClose={() => setOpen(false)}
          onChoose={(emoji) => {
            const at = area.current?.selectionStart ?? text.length
            setText(text.slice(0, at) + emoji + text.slice(at))
            setOpen(false)
          }}
        />
      )}
    </>
  )
}
