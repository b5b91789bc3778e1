import { Icon } from './icon.tsx'
import type { Toasts } from './toasts.ts'
import { useChange } from './use-change.ts'

export function ToastList({ toasts }: { readonly toasts: Toasts }) {
  useChange(toasts)
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.shown.map(({ id, text }) => (
        <div key={id} class="toast">
          <span>{text}</span>
          <button
            type="button"
            class="icon-button small"
            aria-label="Dismiss"
            onClick={() => toasts.dismiss(id)}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  )
}
