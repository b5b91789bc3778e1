import { useRef } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'

interface ResumeButtonProps {
  readonly name: string
  readonly onResume: (file: File) => void
}

/** Asks for the file of an interrupted upload: a page that was left cannot keep it. */
export function ResumeButton({ name, onResume }: ResumeButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        class="pill"
        title={`Choose ${name} again to go on sending it`}
        onClick={() => input.current?.click()}
      >
        <Icon name="retry" size={16} />
        Continue
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${name} again`}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          if (file !== undefined) onResume(file)
        }}
      />
    </>
  )
}
