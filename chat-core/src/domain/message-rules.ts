import { LIMITS } from '@satchel/protocol'
import type { EventContent, MessageBody, Seq } from '@satchel/protocol'
import type { SendMessage } from './command.ts'
import type { ConversationRow } from './conversation-state.ts'
import { EVERYBODY } from './decision.ts'
import type { ConversationJob, EventFacts, Mentioned } from './decision.ts'
import { findRefusal, isSmall } from './permissions.ts'
import { happened, nextEvent, refused, UNCHANGED } from './turn.ts'
import type { Applied, ContentOf, Outcome, Refused, Rules, Turn } from './turn.ts'

/** Commands about messages. */
export const messageRules = {
  edit_message: editMessage,
  delete_message: deleteMessage,
  blank_message: blankMessage,
  react,
  pin_message: pinMessage,
  unpin_message: unpinMessage,
  attachment_result: takeAttachmentResult,
} satisfies Partial<Rules>

type Words = Pick<MessageBody, 'text' | 'mentions' | 'mentionAll' | 'data'>

// The hot path: nothing here depends on the number of members.
export function sendMessage(turn: Turn, content: SendMessage): Outcome {
  const refusal = findRefusal(turn, 'send_message') ?? findFault(turn, content)
  if (refusal !== undefined) return refusal
  const { id, head } = turn.state
  const { attachments, replyTo, silent } = content
  const message: EventContent = {
    kind: 'message_sent',
    body: bodyOf(content, head.seq + 1),
    ...(attachments === undefined ? undefined : { attachments }),
    ...(replyTo === undefined ? undefined : { replyTo }),
    ...(silent === undefined ? undefined : { silent }),
  }
  const event = nextEvent(turn, message)
  const sent = { ...happened(turn, event), mentioned: findMentioned(turn, content) }
  if (attachments === undefined) return sent
  const jobs = attachments.map((attachment): ConversationJob => ({
    kind: 'attach',
    attachmentId: attachment.id,
    conversationId: id,
    seq: event.seq,
  }))
  return { ...sent, jobs }
}

function editMessage(turn: Turn, content: ContentOf<'edit_message'>): Outcome {
  const refusal = findRefusal(turn, 'edit_own_message')
  if (refusal !== undefined) return refusal
  const { target } = content
  const message = findMessage(turn, target)
  if (message === undefined) return noSuchMessage(target)
  if (message.authorId !== turn.command.authorId)
    return refused('not_allowed', 'a message is edited by its author')
  const fault = findWordsFault(turn, content, message.attachmentIds.length)
  if (fault !== undefined) return fault
  const body = bodyOf(content, turn.state.head.seq + 1)
  return happened(turn, nextEvent(turn, { kind: 'message_edited', target, body }))
}

function deleteMessage(turn: Turn, { target }: ContentOf<'delete_message'>): Outcome {
  const refusal = findRefusal(turn, 'delete_own_message')
  if (refusal !== undefined) return refusal
  const message = findMessage(turn, target)
  if (message === undefined) return noSuchMessage(target)
  if (message.authorId !== turn.command.authorId) {
    const notTheirs = findRefusal(turn, 'delete_any_message')
    if (notTheirs !== undefined) return notTheirs
  }
  return deleted(turn, target, message)
}

/** Follows an erasure: no question of who may, but only ever one's own. */
function blankMessage(turn: Turn, { target }: ContentOf<'blank_message'>): Outcome {
  const message = findMessage(turn, target)
  if (message === undefined) return noSuchMessage(target)
  if (message.authorId !== turn.command.authorId)
    return refused('not_allowed', 'a message is blanked in the name of its author')
  return deleted(turn, target, message)
}

function deleted(turn: Turn, target: Seq, message: EventFacts): Outcome {
  const { state } = turn
  const event = nextEvent(turn, { kind: 'message_deleted', target })
  const jobs = message.attachmentIds.map((attachmentId): ConversationJob => ({
    kind: 'detach',
    attachmentId,
    conversationId: state.id,
    seq: target,
  }))
  if (!state.pins.includes(target)) return happened(turn, event, { jobs })
  return happened(turn, event, { jobs, rows: [pinsWithout(state.pins, target)] })
}

/** A numbered event where conversations are small; otherwise only the reaction itself, counted elsewhere. */
function react(turn: Turn, content: ContentOf<'react'>): Outcome {
  const { state, command } = turn
  const refusal = findRefusal(turn, 'react')
  if (refusal !== undefined) return refusal
  if (content.byFollower !== true && !state.members.has(command.authorId))
    return refused('not_a_member', 'react is for members and followers')
  const { target, emoji } = content
  if (findMessage(turn, target) === undefined) return noSuchMessage(target)
  const removed = content.removed === true
  const reactions = [{ target, emoji, userId: command.authorId, removed }]
  if (!isSmall(state.head)) return { ...UNCHANGED, reactions }
  const event = nextEvent(turn, {
    kind: 'reaction_changed',
    target,
    emoji,
    ...(removed ? { removed } : undefined),
  })
  return { ...happened(turn, event), reactions }
}

function pinMessage(turn: Turn, { target }: ContentOf<'pin_message'>): Outcome {
  const { pins } = turn.state
  const refusal = findRefusal(turn, 'pin_message')
  if (refusal !== undefined) return refusal
  if (findMessage(turn, target) === undefined) return noSuchMessage(target)
  if (pins.includes(target)) return UNCHANGED
  if (pins.length >= LIMITS.pinsPerConversation)
    return refused('too_many_pins', `more than ${LIMITS.pinsPerConversation} pins`)
  const event = nextEvent(turn, { kind: 'message_pinned', target })
  return happened(turn, event, { rows: [{ row: 'pins', value: [...pins, target] }] })
}

function unpinMessage(turn: Turn, { target }: ContentOf<'unpin_message'>): Outcome {
  const { pins } = turn.state
  const refusal = findRefusal(turn, 'pin_message')
  if (refusal !== undefined) return refusal
  if (!pins.includes(target)) return UNCHANGED
  const event = nextEvent(turn, { kind: 'message_unpinned', target })
  return happened(turn, event, { rows: [pinsWithout(pins, target)] })
}

/** Reported by the media workers: no question of who may. Happens in the name of the message's author. */
function takeAttachmentResult(turn: Turn, content: ContentOf<'attachment_result'>): Outcome {
  const { target, attachment } = content
  const message = findMessage(turn, target)
  if (message === undefined) return noSuchMessage(target)
  if (!message.attachmentIds.includes(attachment.id))
    return refused('no_such_attachment', `message ${target} has no attachment ${attachment.id}`)
  const updated = { kind: 'attachment_updated', target, attachment } as const
  return happened(turn, nextEvent(turn, updated, message.authorId))
}

function findMessage({ context }: Turn, seq: Seq): EventFacts | undefined {
  const facts = context.targets.get(seq)
  return facts?.kind === 'message_sent' ? facts : undefined
}

function noSuchMessage(seq: Seq): Refused {
  return refused('no_such_message', `no message has seq ${seq}`)
}

function findFault(turn: Turn, content: SendMessage): Refused | undefined {
  const { attachments = [], replyTo } = content
  if (replyTo !== undefined && findMessage(turn, replyTo) === undefined)
    return noSuchMessage(replyTo)
  if (attachments.length > 1 && new Set(attachments.map(({ id }) => id)).size < attachments.length)
    return refused('bad_request', 'attachments: the same one twice')
  return findWordsFault(turn, content, attachments.length)
}

function findWordsFault(turn: Turn, words: Words, attachmentCount: number): Refused | undefined {
  const isEmpty = (words.text ?? '') === '' && words.data === undefined && attachmentCount === 0
  if (isEmpty) return refused('bad_request', 'a message needs text, attachments or data')
  return words.mentionAll === true ? findRefusal(turn, 'mention_all') : undefined
}

function bodyOf({ text, mentions, mentionAll, data }: Words, version: Seq): MessageBody {
  return {
    version,
    ...(text === undefined ? undefined : { text }),
    ...(mentions === undefined ? undefined : { mentions }),
    ...(mentionAll === undefined ? undefined : { mentionAll }),
    ...(data === undefined ? undefined : { data }),
  }
}

function findMentioned(
  { state, command }: Turn,
  { mentions, mentionAll }: Words,
): Applied['mentioned'] {
  if (mentions === undefined && mentionAll !== true) return UNCHANGED.mentioned
  const mentioned = new Set<Mentioned>(mentionAll === true ? [EVERYBODY] : [])
  for (const userId of mentions ?? []) {
    if (userId !== command.authorId && state.members.has(userId)) mentioned.add(userId)
  }
  return [...mentioned]
}

function pinsWithout(pins: readonly Seq[], target: Seq): ConversationRow {
  return { row: 'pins', value: pins.filter((seq) => seq !== target) }
}
