import { Icon } from '../ui/icon.tsx'

export function RetryButton({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <button type="button" class="pill" onClick={onRetry}>
      <Icon name="retry" size={16} />
      Try again
    </button>
  )
}
