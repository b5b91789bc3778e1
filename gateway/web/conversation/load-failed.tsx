import { Icon } from '../ui/icon.tsx'

export function LoadFailed({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <div class="empty">
      <span class="glyph">
        <Icon name="warning" size={28} />
      </span>
      <h2>The messages did not come</h2>
      <p>Perhaps the connection was lost for a moment.</p>
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  )
}
