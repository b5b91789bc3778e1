import { Icon } from '../ui/icon.tsx'

interface SendButtonProps {
  readonly isEdit: boolean
  readonly disabled: boolean
  readonly onSend: () => void
}

export function SendButton({ isEdit, disabled, onSend }: SendButtonProps) {
  const label = isEdit ? 'Save' : 'Send'
  return (
    <button
      type="button"
      class="icon-button primary"
      aria-label={label}
      title={label}
      disabled={disabled}
      // The focus stays in the text, and with it a phone's keyboard.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onSend}
    >
      <Icon name={isEdit ? 'check' : 'send'} />
    </button>
  )
}
