import type { RefObject } from 'preact'
import { RecordButton } from '../recorder/record-button.tsx'
import { AttachButton } from './attach-button.tsx'
import { ComposerField } from './composer-field.tsx'
import { EmojiButton } from './emoji-button.tsx'
import { SendButton } from './send-button.tsx'
import type { Mentions } from './use-mentions.ts'

interface ComposerLineProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly label: string
  readonly text: string
  readonly setText: (text: string) => void
  readonly isTooLong: boolean
  readonly isEdit: boolean
  /** There is nothing to send yet: something may be recorded instead. */
  readonly isEmpty: boolean
  readonly maySend: boolean
  readonly mentions: Mentions
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onAttach: (files: readonly File[]) => void
  readonly onRecord: () => void
  readonly onSend: () => void
}

/** Where words are written, between what else can be sent and the button that sends. */
export function ComposerLine(props: ComposerLineProps) {
  const { field, text, setText, isEdit } = props
  return (
    <div class={`composer-line ${isEdit ? 'edit' : ''}`}>
      {!isEdit && <AttachButton onAttach={props.onAttach} />}
      <ComposerField
        field={field}
        label={props.label}
        text={text}
        setText={setText}
        isTooLong={props.isTooLong}
        mentions={props.mentions}
        onKeyDown={props.onKeyDown}
        onAttach={props.onAttach}
      />
      <EmojiButton area={field} text={text} setText={setText} />
      {props.isEmpty ? (
        <RecordButton onStart={props.onRecord} />
      ) : (
        <SendButton isEdit={isEdit} disabled={!props.maySend} onSend={props.onSend} />
      )}
    </div>
  )
}
