import type {
  Attachment,
  ConversationEvent,
  ConversationId,
  MessageBody,
  ReactionCount,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { Message, MessageAttachment, Reaction } from './message.ts'

/** A message with the versions that say what is newer. Every function here returns the same object when nothing changed. */
export interface FoldedMessage {
  readonly message: Message & { readonly seq: Seq }
  readonly bodyVersion: Seq
  /** The reactions are those after this event, or later. */
  readonly reactionsSeq: Seq
}

export type MessageSent = ConversationEvent & {
  readonly content: { readonly kind: 'message_sent' }
}

/** Where a message is held and by whom: what its parts need to know. */
export interface FoldContext {
  readonly conversationId: ConversationId | undefined
  readonly myId: UserId | undefined
}

/** The message of an event. `asOfSeq`: its reactions were read when the conversation stood there. */
export function foldSent(
  context: FoldContext,
  event: MessageSent,
  key: string,
  asOfSeq: Seq,
): FoldedMessage {
  const { body, attachments = [], reactions = [], replyTo, silent } = event.content
  const { seq } = event
  const message = {
    key,
    conversationId: context.conversationId,
    seq,
    ordinal: event.ordinal,
    timeMs: event.timeMs,
    authorId: event.authorId,
    mine: event.authorId === context.myId,
    text: '',
    mentions: [],
    mentionAll: false,
    data: undefined,
    edited: false,
    deleted: false,
    silent: silent === true,
    replyTo,
    attachments: attachments.map((attachment) => placeAttachment(context, seq, attachment)),
    reactions: reactions.map((reaction) => toReaction(reaction, context.myId, false)),
    gapBefore: false,
    local: undefined,
  }
  return foldBody({ message, bodyVersion: 0, reactionsSeq: asOfSeq }, body)
}

/** Two copies of one message: each part from the copy that has it newer. */
export function mergeFolded(held: FoldedMessage, other: FoldedMessage): FoldedMessage {
  const isOtherNewer = other.bodyVersion > held.bodyVersion && !held.message.deleted
  const [newerBody, olderBody] = isOtherNewer ? [other, held] : [held, other]
  const reactions = other.reactionsSeq >= held.reactionsSeq ? other : held
  const attachments = newerBody.message.attachments.map((attachment) => {
    const copy = olderBody.message.attachments.find(({ id }) => id === attachment.id)
    return copy === undefined ? attachment : newerAttachment(attachment, copy)
  })
  return {
    message: {
      ...newerBody.message,
      key: held.message.key,
      attachments,
      reactions: newerBody.message.deleted ? [] : reactions.message.reactions,
    },
    bodyVersion: newerBody.bodyVersion,
    reactionsSeq: reactions.reactionsSeq,
  }
}

export function foldBody(held: FoldedMessage, body: MessageBody): FoldedMessage {
  const { message } = held
  // Deletion is final, whatever an edit that came too late may say.
  if (body.version <= held.bodyVersion || message.deleted) return held
  const deleted = body.deleted === true
  return {
    ...held,
    bodyVersion: body.version,
    message: {
      ...message,
      text: body.text ?? '',
      mentions: body.mentions ?? [],
      mentionAll: body.mentionAll === true,
      data: body.data,
      edited: !deleted && body.version > message.seq,
      deleted,
      attachments: deleted ? [] : message.attachments,
      reactions: deleted ? [] : message.reactions,
    },
  }
}

export function foldDeletion(held: FoldedMessage, seq: Seq): FoldedMessage {
  return foldBody(held, { version: seq, deleted: true })
}

/**
 * An event says that the message was changed, and not to what, because whoever is told so should have it as it
 * is; this copy is from before. Versions of attachments are no seqs: one that is done is taken to be the last.
 */
export function isOutdatedBy(
  { message, bodyVersion }: FoldedMessage,
  { seq, content }: ConversationEvent,
): boolean {
  switch (content.kind) {
    case 'message_edited':
      return content.body === undefined && !message.deleted && bodyVersion < seq
    case 'attachment_updated':
      return (
        content.attachment === undefined &&
        message.attachments.some(({ state }) => state === 'uploading' || state === 'processing')
      )
    default:
      return false
  }
}

export function foldAttachment(held: FoldedMessage, attachment: Attachment): FoldedMessage {
  return changeAttachment(held, attachment.id, (known) =>
    newerAttachment(known, { ...known, ...attachment }),
  )
}

/** What a sender says of its own upload; never takes back a byte. */
export function foldProgress(
  held: FoldedMessage,
  attachmentId: string,
  sentBytes: number,
): FoldedMessage {
  return changeAttachment(held, attachmentId, (known) =>
    (known.sentBytes ?? -1) >= sentBytes ? known : { ...known, sentBytes },
  )
}

/** One person's reaction, as a numbered event tells. */
export function foldReaction(
  held: FoldedMessage,
  change: { seq: Seq; userId: UserId; emoji: string; removed: boolean },
  myId: UserId | undefined,
): FoldedMessage {
  if (change.seq <= held.reactionsSeq || held.message.deleted) return held
  const known = held.message.reactions.find(({ emoji }) => emoji === change.emoji)
  const others = (known?.userIds ?? []).filter((id) => id !== change.userId)
  const userIds = change.removed ? others : [...others, change.userId]
  const changed = {
    emoji: change.emoji,
    count: userIds.length,
    userIds,
    mine: myId !== undefined && userIds.includes(myId),
  }
  return {
    ...held,
    reactionsSeq: change.seq,
    message: { ...held.message, reactions: replaceReaction(held.message.reactions, changed) },
  }
}

/** All reactions to a message of a large conversation, as a signal tells; it cannot know which are mine. */
export function foldReactionCounts(
  held: FoldedMessage,
  counts: readonly ReactionCount[],
  myId: UserId | undefined,
): FoldedMessage {
  const mine = new Set(
    held.message.reactions.filter((reaction) => reaction.mine).map(({ emoji }) => emoji),
  )
  const reactions = counts.map((count) => toReaction(count, myId, mine.has(count.emoji)))
  return { ...held, message: { ...held.message, reactions } }
}

/** The own reaction where reactions are only counted: nothing else would tell. */
export function foldOwnReaction(
  held: FoldedMessage,
  emoji: string,
  removed: boolean,
): FoldedMessage {
  const known = held.message.reactions.find((reaction) => reaction.emoji === emoji)
  if ((known?.mine ?? false) === !removed) return held
  const count = Math.max((known?.count ?? 0) + (removed ? -1 : 1), 0)
  const changed = { emoji, count, userIds: known?.userIds, mine: !removed }
  return {
    ...held,
    message: { ...held.message, reactions: replaceReaction(held.message.reactions, changed) },
  }
}

export function placeAttachment(
  context: Pick<FoldContext, 'conversationId'>,
  seq: Seq | undefined,
  attachment: Attachment,
): MessageAttachment {
  return { ...attachment, conversationId: context.conversationId, seq, sentBytes: undefined }
}

function newerAttachment(known: MessageAttachment, other: MessageAttachment): MessageAttachment {
  return other.version > known.version ? other : known
}

function changeAttachment(
  held: FoldedMessage,
  attachmentId: string,
  change: (known: MessageAttachment) => MessageAttachment,
): FoldedMessage {
  const known = held.message.attachments.find(({ id }) => id === attachmentId)
  const changed = known === undefined ? undefined : change(known)
  if (changed === undefined || changed === known) return held
  const attachments = held.message.attachments.map((attachment) =>
    attachment === known ? changed : attachment,
  )
  return { ...held, message: { ...held.message, attachments } }
}

/** Keeps the place of a kind of reaction in the row; one that nobody has any more leaves it. */
function replaceReaction(reactions: readonly Reaction[], changed: Reaction): readonly Reaction[] {
  const isKnown = reactions.some(({ emoji }) => emoji === changed.emoji)
  const all = isKnown
    ? reactions.map((reaction) => (reaction.emoji === changed.emoji ? changed : reaction))
    : [...reactions, changed]
  return all.filter(({ count }) => count > 0)
}

function toReaction(
  { emoji, count, userIds, mine }: ReactionCount,
  myId: UserId | undefined,
  wasMine: boolean,
): Reaction {
  const isMine = myId !== undefined && userIds !== undefined ? userIds.includes(myId) : wasMine
  return { emoji, count, userIds, mine: mine ?? isMine }
}
