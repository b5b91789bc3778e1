/** A stretch of a message's text. */
export type TextPiece =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | {
      readonly kind: 'mention'
      readonly text: string
      /** Whom; absent for everybody. */
      readonly userId: string | undefined
    }

/** A person who may be named in a text. */
export interface Mentionable {
  readonly id: string
  readonly name: string
}

/** What names everybody. */
export const EVERYBODY = '@all'

const LINK = /\bhttps?:\/\/[^\s<>"']+/g
/** Punctuation behind a link is the sentence's, unless it closes what the link opened. */
const TRAILING = /(?<![.,;:!?])[.,;:!?]+$/

/** Cuts a text into what is plain, what is a link, and what names one of `mentioned` (or everybody). */
export function splitText(
  text: string,
  mentioned: readonly Mentionable[],
  everybody: boolean,
): readonly TextPiece[] {
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    const href = trimLink(match[0])
    pieces.push(...splitMentions(text.slice(end, match.index), mentioned, everybody))
    pieces.push({ kind: 'link', text: href, href })
    end = match.index + href.length
  }
  pieces.push(...splitMentions(text.slice(end), mentioned, everybody))
  return pieces
}

/** Which of `people`, and whether everybody, a text names with `@`. */
export function findMentions(
  text: string,
  people: readonly Mentionable[],
): { readonly userIds: readonly string[]; readonly everybody: boolean } {
  const pieces = splitText(text, people, true)
  const mentions = pieces.flatMap((piece) => (piece.kind === 'mention' ? [piece.userId] : []))
  const userIds = mentions.filter((userId) => userId !== undefined)
  return { userIds: [...new Set(userIds)], everybody: mentions.includes(undefined) }
}

/** Whether a text is nothing but up to three emoji. */
export function isJumbo(text: string): boolean {
  return /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F)(?:\u200D\p{Emoji}\uFE0F?|\p{Emoji_Modifier}|\p{Emoji_Presentation}|\p{Emoji}\uFE0F){0,4}$/u.test(
    text,
  )
}

function splitMentions(
  text: string,
  mentioned: readonly Mentionable[],
  everybody: boolean,
): readonly TextPiece[] {
  if (text === '') return []
  const names = new Map(mentioned.map(({ id, name }) => [`@${name}`, id]))
  const words = [...names.keys(), ...(everybody ? [EVERYBODY] : [])]
  if (words.length === 0) return [{ kind: 'plain', text }]
  // The longest first: “@Ann Lee” must not be read as “@Ann”.
  const sorted = words.sort((a, b) => b.length - a.length).map(escapePattern)
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${sorted.join('|')})(?![\\p{L}\\p{N}])`, 'gu')
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push({ kind: 'plain', text: text.slice(end, match.index) })
    pieces.push({ kind: 'mention', text: match[0], userId: names.get(match[0]) })
    end = match.index + match[0].length
  }
  if (end < text.length) pieces.push({ kind: 'plain', text: text.slice(end) })
  return pieces
}

function trimLink(match: string): string {
  const link = match.replace(TRAILING, '')
  const opened = link.split('(').length
  const closed = link.split(')').length
  return link.endsWith(')') && closed > opened ? link.slice(0, -1) : link
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
