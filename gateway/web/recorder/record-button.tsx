import { Icon } from '../ui/icon.tsx'

export function RecordButton({ onStart }: { readonly onStart: () => void }) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label="Record a voice message"
      title="Record a voice message"
      onClick={onStart}
    >
      <Icon name="mic" />
    </button>
  )
}
