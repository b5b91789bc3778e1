import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { LIST_ID, optionId } from './mention-suggestions.tsx'
import type { Mentions } from './use-mentions.ts'

interface ComposerFieldProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly text: string
  readonly setText: (text: string) => void
  readonly isTooLong: boolean
  readonly mentions: Mentions
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onAttach: (files: readonly File[]) => void
}

/** Where words are written; pasted files are attached. */
export function ComposerField(props: ComposerFieldProps) {
  const { field, label, text, setText, isTooLong, mentions, onKeyDown, onAttach } = props
  const { conversation } = useConversation()
  useLayoutEffect(() => fit(field.current), [field, text])
  return (
    <textarea
      ref={field}
      rows={1}
      dir="auto"
      aria-label={label}
      aria-invalid={isTooLong}
      aria-autocomplete="list"
      aria-controls={LIST_ID}
      aria-activedescendant={mentions.matches.length > 0 ? optionId(mentions.selected) : undefined}
      placeholder={label}
      value={text}
      onInput={(event) => {
        const { value } = event.currentTarget
        setText(value)
        conversation.typing(value === '' ? 'none' : 'typing')
      }}
      onKeyDown={onKeyDown}
      onPaste={(event) => {
        const files = [...(event.clipboardData?.files ?? [])]
        if (files.length === 0) return
        event.preventDefault()
        onAttach(files)
      }}
    />
  )
}

/** As high as its text; the style sheet says how high at most. */
function fit(field: HTMLTextAreaElement | null): void {
  if (field === null) return
  field.style.height = 'auto'
  field.style.height = `${String(field.scrollHeight)}px`
}
