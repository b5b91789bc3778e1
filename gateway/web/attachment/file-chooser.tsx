import { useRef } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'

interface FileChooserProps {
  readonly label: string
  readonly title: string
  /** Names the field behind the button. */
  readonly inputLabel: string
  readonly onChoose: (file: File) => void
}

/** Asks for one file, once more. */
export function FileChooser({ label, title, inputLabel, onChoose }: FileChooserProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" class="pill" title={title} onClick={() => input.current?.click()}>
        <Icon name="retry" size={16} />
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={inputLabel}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          if (file !== undefined) onChoose(file)
        }}
      />
    </>
  )
}
