import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

interface MenuItemProps {
  readonly icon: IconName
  readonly label: string
  readonly danger?: boolean
  readonly onChoose: () => void
}

export function MenuItem({ icon, label, danger = false, onChoose }: MenuItemProps) {
  return (
    <button type="button" role="menuitem" class={danger ? 'danger' : ''} onClick={onChoose}>
      <Icon name={icon} size={18} />
      {label}
    </button>
  )
}
