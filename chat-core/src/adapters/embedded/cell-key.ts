import { encodeBase64url, type ConversationId, type Seq, type UserId } from '@satchel/protocol'

// Keys are bytes that sort as the rows are read. User ids hold no control characters, so a zero byte
// ends them; conversation ids are 16 bytes, seqs 6 (big-endian).

/**
 * Sections of a conversation's rows. Events come just before the rows that each commit rewrites: the
 * end of the timeline and the head then share a page, and a small commit touches few pages.
 */
export const SECTION = {
  reaction: 0x10,
  reactionKind: 0x11,
  event: 0x20,
  head: 0x30,
  position: 0x31,
  details: 0x32,
  pins: 0x33,
  member: 0x34,
  idempotency: 0x36,
  outbox: 0x37,
  mark: 0x40,
} as const
export type Section = (typeof SECTION)[keyof typeof SECTION]

const ID_BYTES = 16
const SECTION_END = ID_BYTES + 1
const SEQ_BYTES = 6
const SLOT_BYTES = 2
/** No conversation gets there: asking for what lies beyond finds as little. */
const SEQ_MAX = 2 ** (8 * SEQ_BYTES) - 1

/** The bytes of a conversation id, and nothing else. */
export function conversationKey(id: ConversationId): Buffer {
  return Buffer.from(id, 'base64url')
}

/** A row of a conversation: the only one of its section, or the section's beginning. */
export function sectionKey(conversation: Buffer, section: number): Buffer {
  const key = Buffer.allocUnsafe(SECTION_END)
  conversation.copy(key)
  key[ID_BYTES] = section
  return key
}

export function textKey(conversation: Buffer, section: Section, text: string): Buffer {
  const key = Buffer.allocUnsafe(SECTION_END + Buffer.byteLength(text))
  conversation.copy(key)
  key[ID_BYTES] = section
  key.write(text, SECTION_END)
  return key
}

export function textOfKey(key: Uint8Array): string {
  return Buffer.from(key.subarray(SECTION_END)).toString()
}

export function eventKey(conversation: Buffer, seq: Seq): Buffer {
  const key = Buffer.allocUnsafe(SECTION_END + SEQ_BYTES)
  conversation.copy(key)
  key[ID_BYTES] = SECTION.event
  key.writeUIntBE(Math.min(seq, SEQ_MAX), SECTION_END, SEQ_BYTES)
  return key
}

export function outboxKey(conversation: Buffer, slot: number): Buffer {
  const key = Buffer.allocUnsafe(SECTION_END + SLOT_BYTES)
  conversation.copy(key)
  key[ID_BYTES] = SECTION.outbox
  key.writeUIntBE(slot, SECTION_END, SLOT_BYTES)
  return key
}

export function slotOfKey(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(SECTION_END, SLOT_BYTES)
}

export function idempotencyKey(conversation: Buffer, bucket: number): Buffer {
  const key = Buffer.allocUnsafe(SECTION_END + 1)
  conversation.copy(key)
  key[ID_BYTES] = SECTION.idempotency
  key[SECTION_END] = bucket
  return key
}

/** Where the kinds of reactions to `target` begin, or the row of one. */
export function reactionKindKey(conversation: Buffer, target: Seq, emoji = ''): Buffer {
  return Buffer.concat([ofTarget(conversation, SECTION.reactionKind, target), Buffer.from(emoji)])
}

function ofTarget(conversation: Buffer, section: Section, target: Seq): Buffer {
  const key = eventKey(conversation, target)
  key[ID_BYTES] = section
  return key
}

/** One person's reaction; without a person, where those with this emoji begin. */
export function reactionKey(
  conversation: Buffer,
  target: Seq,
  emoji: string,
  userId: UserId | '' = '',
): Buffer {
  const start = ofTarget(conversation, SECTION.reaction, target)
  return Buffer.concat([start, Buffer.from(`${emoji}\0${userId}`)])
}

export function seqOfKey(key: Uint8Array): Seq {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(SECTION_END, SEQ_BYTES)
}

export function textAfterSeq(key: Uint8Array): string {
  return Buffer.from(key.subarray(SECTION_END + SEQ_BYTES)).toString()
}

/** A user's row about a conversation; without one, the beginning of the user's rows. */
export function userKey(userId: UserId | '', conversation?: Buffer): Buffer {
  const user = Buffer.from(`${userId}\0`)
  return conversation === undefined ? user : Buffer.concat([user, conversation])
}

export function userSeqKey(userId: UserId | '', conversation: Buffer, seq: Seq): Buffer {
  const suffix = Buffer.allocUnsafe(SEQ_BYTES)
  suffix.writeUIntBE(Math.min(seq, SEQ_MAX), 0, SEQ_BYTES)
  return Buffer.concat([userKey(userId, conversation), suffix])
}

/** The conversation id at the end of a `userKey`. */
export function parseConversationOfKey(key: Uint8Array): ConversationId {
  return encodeBase64url(key.subarray(key.length - ID_BYTES)) as ConversationId
}

/** The smallest key that comes after every key beginning with `prefix`. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  let last = end.length - 1
  while (last >= 0 && end[last] === 0xff) last--
  if (last < 0) return Buffer.alloc(1_978, 0xff)
  end[last] = (end[last] ?? 0) + 1
  return end.subarray(0, last + 1)
}
