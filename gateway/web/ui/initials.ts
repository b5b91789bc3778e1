import { graphemesOf } from './graphemes.ts'

/** What stands for a name: how its first and its last word begin, or else how the name begins. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? name.trim()]
  return chosen
    .map((word = '') => graphemesOf(word)[0] ?? '')
    .join('')
    .toUpperCase()
}
