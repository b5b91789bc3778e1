import { graphemesOf } from '../ui/graphemes.ts'

/** This many characters of the end stay: enough for a number and an ending, “(2).docx”. */
const END = 9

/**
 * A name on one line, cut in the middle where there is no room: what tells files apart often stands at
 * the end. Written from the right or from the left, it stays in one piece.
 */
export function MiddleTruncated({ text }: { readonly text: string }) {
  const letters = graphemesOf(text)
  const end = letters.length > 2 * END ? letters.slice(-END).join('') : ''
  return (
    <bdi class="name middle-truncated" title={text}>
      <span class="truncate">{text.slice(0, text.length - end.length)}</span>
      {end !== '' && <span>{end}</span>}
    </bdi>
  )
}
