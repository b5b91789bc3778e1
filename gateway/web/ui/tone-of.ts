const TONES = 8

/** The class of the colour that goes with an id, the same everywhere and always. */
export function toneOf(id: string): string {
  let hash = 0
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return `tone-${String(hash % TONES)}`
}
