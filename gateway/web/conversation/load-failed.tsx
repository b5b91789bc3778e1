import { Icon } from '../ui/icon.tsx'
import type { LoadFailure } from './use-history.ts'

interface LoadFailedProps {
  readonly failure: LoadFailure
  readonly onRetry: () => void
}

export function LoadFailed({ failure: { words, isFinal }, onRetry }: LoadFailedProps) {
  return (
    <div class="empty" role="alert">
      <span class="glyph">
        <Icon name="warning" size={28} />
      </span>
      <h2>There is nothing to show</h2>
      <p>{words}</p>
      {!isFinal && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
