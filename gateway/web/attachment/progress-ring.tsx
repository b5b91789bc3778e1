import { Icon } from '../ui/icon.tsx'

interface ProgressRingProps {
  /** 0 to 1; absent while it is not known. */
  readonly done: number | undefined
  readonly label: string
  /** Makes it a button that stops what is under way. */
  readonly onCancel?: (() => void) | undefined
  readonly small?: boolean
}

const RADIUS = 19
const LENGTH = 2 * Math.PI * RADIUS
/** What turns while nothing is known. */
const UNKNOWN = 0.22

export function ProgressRing({ done, label, onCancel, small = false }: ProgressRingProps) {
  const classes = `ring ${done === undefined ? 'unknown' : ''} ${small ? 'small' : ''}`
  const dial = (
    <>
      <svg class="dial" viewBox="0 0 42 42" aria-hidden="true">
        <circle class="track" cx="21" cy="21" r={RADIUS} />
        <circle
          class="done"
          cx="21"
          cy="21"
          r={RADIUS}
          stroke-dasharray={LENGTH}
          stroke-dashoffset={LENGTH * (1 - (done ?? UNKNOWN))}
        />
      </svg>
      {onCancel !== undefined && <Icon name="close" size={small ? 14 : 18} />}
    </>
  )
  const percent = done === undefined ? undefined : Math.round(done * 100)
  if (onCancel === undefined) {
    return (
      <span class={classes} role="progressbar" aria-label={label} aria-valuenow={percent}>
        {dial}
      </span>
    )
  }
  const said = percent === undefined ? label : `${label}, ${String(percent)} percent`
  return (
    <button
      type="button"
      class={classes}
      aria-label={`Cancel: ${said}`}
      title="Cancel"
      onClick={onCancel}
    >
      {dial}
    </button>
  )
}
