interface FileWordsProps {
  readonly name: string
  readonly note: string
}

export function FileWords({ name, note }: FileWordsProps) {
  return (
    <span class="words">
      <span class="name truncate" title={name}>
        {name}
      </span>
      <span class="note">{note}</span>
    </span>
  )
}
