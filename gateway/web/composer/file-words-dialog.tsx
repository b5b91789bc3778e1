import { LIMITS } from '@satchel/protocol'
import { useId } from 'preact/hooks'
import { Dialog } from '../ui/dialog.tsx'
import { kindOfFile } from '../words/describe-attachment.ts'
import type { FileWords, TrayItem } from './tray.ts'

const NOUNS = { photo: 'picture', video: 'video', audio: 'recording', file: 'file' } as const

interface FileWordsDialogProps {
  readonly item: TrayItem
  readonly onChange: (words: FileWords) => void
  readonly onClose: () => void
}

/** What is said about a file that is going to be sent: a caption; of pictures and videos also what they show, and whether to hide them. */
export function FileWordsDialog({ item, onChange, onClose }: FileWordsDialogProps) {
  const { upload, preview, words } = item
  const kind = kindOfFile(upload)
  const noun = NOUNS[kind]
  const isVisual = kind === 'photo' || kind === 'video'
  return (
    <Dialog
      title={upload.name}
      onClose={onClose}
      footer={
        <button type="button" class="button primary" onClick={onClose}>
          Done
        </button>
      }
    >
      {preview !== undefined && <img class="described-picture" src={preview.url} alt="" />}
      <WordsField
        label="Caption"
        note={`Shown below the ${noun}.`}
        limit={LIMITS.captionCharacters}
        value={words.caption}
        setValue={(caption) => onChange({ ...words, caption })}
      />
      {isVisual && (
        <>
          <WordsField
            label="Description"
            note={`Read to people who cannot see the ${noun}.`}
            limit={LIMITS.altCharacters}
            value={words.alt}
            setValue={(alt) => onChange({ ...words, alt })}
          />
          <label class="check">
            <input
              type="checkbox"
              role="switch"
              checked={words.spoiler === true}
              onChange={({ currentTarget }) =>
                onChange({ ...words, spoiler: currentTarget.checked ? true : undefined })
              }
            />
            Hide the {noun} until somebody asks for it
          </label>
        </>
      )}
    </Dialog>
  )
}

interface WordsFieldProps {
  readonly label: string
  readonly note: string
  readonly limit: number
  readonly value: string | undefined
  readonly setValue: (value: string | undefined) => void
}

function WordsField({ label, note, limit, value, setValue }: WordsFieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        class="input"
        rows={2}
        dir="auto"
        aria-describedby={`${id}-note`}
        maxLength={limit}
        value={value ?? ''}
        onInput={({ currentTarget }) =>
          setValue(currentTarget.value.trim() === '' ? undefined : currentTarget.value)
        }
      />
      <p id={`${id}-note`} class="note">
        {note}
      </p>
    </div>
  )
}
