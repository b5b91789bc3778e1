import { Icon } from '../ui/icon.tsx'

interface JumpButtonProps {
  readonly unread: number
  readonly onJump: () => void
}

export function JumpButton({ unread, onJump }: JumpButtonProps) {
  return (
    <button type="button" class="jump" onClick={onJump}>
      <Icon name="down" size={18} />
      {unread === 0 ? 'Latest' : `${String(unread)} new`}
    </button>
  )
}
