import { Menu } from '../ui/menu.tsx'

// By name for those who hear them.
const EMOJI = [
  ['👍', 'thumbs up'],
  ['❤️', 'heart'],
  ['😂', 'tears of joy'],
  ['😮', 'surprised'],
  ['😢', 'sad'],
  ['🎉', 'party'],
  ['🙏', 'thank you'],
  ['👏', 'applause'],
  ['🔥', 'fire'],
  ['👀', 'eyes'],
  ['✅', 'done'],
  ['💯', 'hundred'],
  ['😊', 'smile'],
  ['😍', 'in love'],
  ['🤔', 'thinking'],
  ['😅', 'phew'],
  ['🙌', 'hooray'],
  ['💪', 'strong'],
  ['🥳', 'celebrating'],
  ['😴', 'sleeping'],
  ['🚀', 'rocket'],
  ['☕', 'coffee'],
  ['🌞', 'sun'],
  ['👎', 'thumbs down'],
] as const

interface EmojiMenuProps {
  readonly label: string
  readonly anchor: HTMLElement
  readonly onClose: () => void
  readonly onChoose: (emoji: string) => void
}

export function EmojiMenu({ label, anchor, onClose, onChoose }: EmojiMenuProps) {
  return (
    <Menu label={label} anchor={anchor} onClose={onClose} class="emoji-grid">
      {EMOJI.map(([emoji, name]) => (
        <button
          key={emoji}
          type="button"
          role="menuitem"
          aria-label={name}
          title={name}
          onClick={() => onChoose(emoji)}
        >
          {emoji}
        </button>
      ))}
    </Menu>
  )
}
