import {
  CONVERSATION_KINDS,
  parseErrorCode,
  parseOutboxId,
  type ConversationEvent,
  type OutboxId,
} from '@satchel/protocol'
import type { ConversationRow, RecordedAnswer } from '../domain/conversation-state.ts'
import {
  formatCell,
  parseCellEvent,
  parseStoredUserId,
  type HeadCell,
  type StoredEvent,
} from './cell-value.ts'
import { CompactReader, CompactWriter } from './compact-bytes.ts'

// The cells a plain message writes: the event, the head, the sender's outbox. The first byte tells the
// format; the general one begins with a map, which is never 1.
const COMPACT = 1
const NO_SEQ = 0
const WITH_SEQ = 1
const REJECTED = 2
const LARGE = 1
const DELETED = 2

/** The row of an outbox, with whose it is: its key is the slot alone. */
export type OutboxCell = Extract<ConversationRow, { readonly row: 'outbox' }>

/** Formats cells; keeps bytes of its own, so that formatting allocates what it returns and no more. */
export class HotCells {
  readonly #writer = new CompactWriter()

  formatHead({ head, position }: HeadCell): Buffer {
    return this.#writer
      .begin(COMPACT)
      .number(position.generation)
      .number(position.record)
      .uint32(position.index)
      .number(head.seq)
      .number(head.ordinal)
      .number(head.timeMs)
      .number(head.createdMs)
      .number(head.membershipSeq)
      .uint32(head.memberCount)
      .byte(CONVERSATION_KINDS.indexOf(head.kind))
      .byte((head.fanout === 'large' ? LARGE : 0) | (head.deleted ? DELETED : 0))
      .text(head.creatorId)
      .finish()
  }

  /** The slot is the cell's key. */
  formatOutbox({ userId, outbox, value: { highestCounter, lastUsedMs, answers } }: OutboxCell) {
    const writer = this.#writer
      .begin(COMPACT)
      .text(userId)
      .text(outbox)
      .uint32(highestCounter)
      .number(lastUsedMs)
      .byte(answers.length)
    for (const { counter, contentHash, answer } of answers) {
      writer.uint32(counter).uint32(contentHash)
      writeAnswer(writer, answer)
    }
    return writer.finish()
  }

  formatEvent(event: StoredEvent): Buffer {
    const { content } = event
    if (content.kind !== 'message_sent' || !isPlain(event, content)) return formatCell(event)
    return this.#writer
      .begin(COMPACT)
      .number(event.seq)
      .number(event.ordinal)
      .number(event.timeMs)
      .number(content.body.version)
      .text(event.authorId)
      .text(content.body.text ?? '')
      .finish()
  }
}

export function parseHeadCell(bytes: Buffer): HeadCell {
  const reader = new CompactReader(bytes)
  const position = {
    generation: reader.number(),
    record: reader.number(),
    index: reader.uint32(),
  }
  const numbers = {
    seq: reader.number(),
    ordinal: reader.number(),
    timeMs: reader.number(),
    createdMs: reader.number(),
    membershipSeq: reader.number(),
    memberCount: reader.uint32(),
  }
  const kind = CONVERSATION_KINDS[reader.byte()]
  if (kind === undefined) throw new Error('A kind of conversation this release does not know')
  const flags = reader.byte()
  const creatorId = parseStoredUserId(reader.text())
  const fanout = (flags & LARGE) === 0 ? 'small' : 'large'
  return {
    position,
    head: { ...numbers, kind, creatorId, fanout, deleted: (flags & DELETED) !== 0 },
  }
}

export function parseOutboxCell(bytes: Buffer, slot: number): OutboxCell {
  const reader = new CompactReader(bytes)
  const userId = parseStoredUserId(reader.text())
  const outbox = parseStoredOutboxId(reader.text())
  const highestCounter = reader.uint32()
  const lastUsedMs = reader.number()
  const answers = Array.from({ length: reader.byte() }, () => ({
    counter: reader.uint32(),
    contentHash: reader.uint32(),
    answer: readAnswer(reader),
  }))
  return { row: 'outbox', userId, outbox, value: { slot, highestCounter, lastUsedMs, answers } }
}

export function parseEvent(bytes: Buffer): StoredEvent {
  if (bytes[0] !== COMPACT) return parseCellEvent(bytes)
  const reader = new CompactReader(bytes)
  const seq = reader.number()
  const ordinal = reader.number()
  const timeMs = reader.number()
  const version = reader.number()
  const authorId = parseStoredUserId(reader.text())
  const body = { version, text: reader.text() }
  return { seq, ordinal, timeMs, authorId, content: { kind: 'message_sent', body } }
}

function parseStoredOutboxId(text: string): OutboxId {
  const outbox = parseOutboxId(text)
  if (outbox === undefined) throw new Error(`Not an outbox id in the store: ${text}`)
  return outbox
}

/** Whether text is all there is to a message. */
function isPlain(
  event: StoredEvent,
  content: Extract<ConversationEvent['content'], { readonly kind: 'message_sent' }>,
): boolean {
  const { body } = content
  const more =
    event.attachmentIds ??
    content.attachments ??
    content.replyTo ??
    content.silent ??
    body.mentions ??
    body.mentionAll ??
    body.data ??
    body.deleted
  return more === undefined && body.text !== undefined
}

function writeAnswer(writer: CompactWriter, answer: RecordedAnswer): void {
  if (answer.kind === 'rejected') {
    writer.byte(REJECTED).text(answer.code).text(answer.message)
    return
  }
  if (answer.seq === undefined) writer.byte(NO_SEQ).number(answer.timeMs)
  else writer.byte(WITH_SEQ).number(answer.timeMs).number(answer.seq)
}

function readAnswer(reader: CompactReader): RecordedAnswer {
  const form = reader.byte()
  if (form === REJECTED) {
    const code = parseErrorCode(reader.text()) ?? 'internal'
    return { kind: 'rejected', code, message: reader.text() }
  }
  const timeMs = reader.number()
  return form === WITH_SEQ
    ? { kind: 'applied', timeMs, seq: reader.number() }
    : { kind: 'applied', timeMs }
}
