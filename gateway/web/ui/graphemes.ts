/** What a reader sees as the characters of a text. Firefox can tell since 125; before, they are its code points. */
export function graphemesOf(text: string): readonly string[] {
  if (!('Segmenter' in Intl)) return Array.from(text)
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
}
