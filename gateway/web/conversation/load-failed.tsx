import { Icon } from '../ui/icon.tsx'

interface LoadFailedProps {
  readonly words: string
  readonly onRetry: () => void
}

export function LoadFailed({ words, onRetry }: LoadFailedProps) {
  return (
    <div class="empty" role="alert">
      <span class="glyph">
        <Icon name="warning" size={28} />
      </span>
      <h2>There is nothing to show</h2>
      <p>{words}</p>
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}
