import type { Message } from '@satchel/client'
import type { ConversationEvent } from '@satchel/protocol'
import { daysBetween } from '../words/describe-time.ts'

/** One line of a conversation on the screen. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly timeMs: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap }
  | {
      readonly kind: 'notice'
      readonly key: string
      readonly event: ConversationEvent
      /** What the conversation was called until then, as far as loaded. */
      readonly titleBefore: string | undefined
    }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: Message
      /** First and last of a group: messages by one author with nothing between them. */
      readonly first: boolean
      readonly last: boolean
    }

/** Messages between these two are not loaded. */
export interface Gap {
  readonly afterSeq: number
  readonly beforeSeq: number
}

export interface Arrangement {
  readonly messages: readonly Message[]
  readonly notices: readonly ConversationEvent[]
  /** The divider stands before the first message of somebody else beyond this seq. */
  readonly readUpTo: number | undefined
  /** Nothing came before the first of these. */
  readonly isFromBeginning: boolean
  readonly myId: string
}

const GROUP_MS = 5 * 60_000

type Item =
  | { readonly timeMs: number; readonly message: Message }
  | { readonly timeMs: number; readonly event: ConversationEvent }

/** What happened in a conversation as lines: days, the unread divider, notices, grouped messages. */
export function arrangeMessages(arrangement: Arrangement): readonly Row[] {
  const rows: Row[] = []
  const firstUnread = findFirstUnread(arrangement)
  let previous: Item | undefined
  let lastSeq = 0
  let titleBefore: string | undefined
  for (const item of inOrder(arrangement)) {
    if (previous === undefined || daysBetween(previous.timeMs, item.timeMs) !== 0) {
      rows.push({ kind: 'day', key: `day ${keyOf(item)}`, timeMs: item.timeMs })
    }
    previous = item
    if ('event' in item) {
      rows.push({ kind: 'notice', key: keyOf(item), event: item.event, titleBefore })
      if ('title' in item.event.content) titleBefore = item.event.content.title
      continue
    }
    const { message } = item
    if (message.gapBefore && message.seq !== undefined) {
      const gap = { afterSeq: lastSeq, beforeSeq: message.seq }
      rows.push({ kind: 'gap', key: `gap ${String(lastSeq)}`, gap })
    }
    lastSeq = message.seq ?? lastSeq
    if (message === firstUnread) rows.push({ kind: 'unread', key: 'unread' })
    pushMessage(rows, message)
  }
  return rows
}

function findFirstUnread(arrangement: Arrangement): Message | undefined {
  const { messages, readUpTo, myId } = arrangement
  if (readUpTo === undefined || !isBoundaryLoaded(arrangement, readUpTo)) return undefined
  return messages.find(({ authorId, seq = 0 }) => authorId !== myId && seq > readUpTo)
}

/** Otherwise the divider would stand above what happens to be the first message loaded. */
function isBoundaryLoaded(
  { messages, notices, isFromBeginning }: Arrangement,
  readUpTo: number,
): boolean {
  const isRead = ({ seq }: { readonly seq: number | undefined }): boolean =>
    seq !== undefined && seq <= readUpTo
  return isFromBeginning || messages.some(isRead) || notices.some(isRead)
}

function pushMessage(rows: Row[], message: Message): void {
  const above = rows.at(-1)
  const continues =
    above?.kind === 'message' &&
    above.message.authorId === message.authorId &&
    message.timeMs - above.message.timeMs < GROUP_MS
  if (continues) rows[rows.length - 1] = { ...above, last: false }
  rows.push({ kind: 'message', key: message.key, message, first: !continues, last: true })
}

/** Messages and notices by seq; what has none yet comes last, in the order it was sent. */
function* inOrder({ messages, notices }: Arrangement): Generator<Item> {
  let next = 0
  for (const message of messages) {
    for (; next < notices.length; next++) {
      const event = notices[next]
      if (event === undefined || event.seq > (message.seq ?? Number.MAX_SAFE_INTEGER)) break
      yield { timeMs: event.timeMs, event }
    }
    yield { timeMs: message.timeMs, message }
  }
  for (const event of notices.slice(next)) yield { timeMs: event.timeMs, event }
}

function keyOf(item: Item): string {
  return 'event' in item ? `#${String(item.event.seq)}` : item.message.key
}
