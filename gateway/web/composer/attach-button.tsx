import { useRef } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'

export function AttachButton({
  onAttach,
}: {
  readonly onAttach: (files: readonly File[]) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label="Attach files"
        title="Attach files"
        onClick={() => input.current?.click()}
      >
        <Icon name="attach" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          const picker = event.currentTarget
          onAttach([...(picker.files ?? [])])
          // The same file may be chosen again.
          picker.value = ''
        }}
      />
    </>
  )
}
