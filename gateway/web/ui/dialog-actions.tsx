import type { ComponentChildren } from 'preact'

interface DialogActionsProps {
  /** What the button is called that leaves everything as it is. */
  readonly dismiss: string
  readonly onDismiss: () => void
  readonly confirm: ComponentChildren
  readonly onConfirm: () => void
  readonly isPossible?: boolean
  readonly tone?: 'primary' | 'danger'
}

/** The two buttons below a dialog. */
export function DialogActions(props: DialogActionsProps) {
  const { dismiss, onDismiss, confirm, onConfirm, isPossible = true, tone = 'primary' } = props
  return (
    <>
      <button type="button" class="button plain" onClick={onDismiss}>
        {dismiss}
      </button>
      <button type="button" class={`button ${tone}`} disabled={!isPossible} onClick={onConfirm}>
        {confirm}
      </button>
    </>
  )
}
