import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

interface MenuItemProps {
  readonly label: string
  readonly icon?: IconName
  /** Makes it one of several to choose from: whether it is the one. */
  readonly isChecked?: boolean
  readonly danger?: boolean
  readonly onChoose: () => void
}

export function MenuItem({ icon, label, isChecked, danger = false, onChoose }: MenuItemProps) {
  const isChoice = isChecked !== undefined
  return (
    <button
      type="button"
      role={isChoice ? 'menuitemradio' : 'menuitem'}
      aria-checked={isChecked}
      class={danger ? 'danger' : ''}
      onClick={onChoose}
    >
      {icon !== undefined && <Icon name={icon} size={18} />}
      {isChoice && (
        <span class={isChecked ? '' : 'unchecked'}>
          <Icon name="check" size={18} />
        </span>
      )}
      {label}
    </button>
  )
}
