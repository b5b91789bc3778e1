import { MiddleTruncated } from './middle-truncated.tsx'

interface FileWordsProps {
  readonly name: string
  readonly note: string
}

export function FileWords({ name, note }: FileWordsProps) {
  return (
    <span class="words">
      <MiddleTruncated text={name} />
      <span class="note">{note}</span>
    </span>
  )
}
