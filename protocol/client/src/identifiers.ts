import {
  ChatError,
  parseAttachmentId,
  parseConversationId,
  parseDeviceId,
  parseUserId,
} from '@satchel/protocol'
import type { AttachmentId, ConversationId, DeviceId, UserId } from '@satchel/protocol'

// Integrators hold ids as plain strings; from here on they are known to be well-formed.

export function requireUserId(text: string): UserId {
  return parseUserId(text) ?? refuse('user id', text)
}

export function requireUserIds(texts: readonly string[]): readonly UserId[] {
  return texts.map(requireUserId)
}

export function requireConversationId(text: string): ConversationId {
  return parseConversationId(text) ?? refuse('conversation id', text)
}

export function requireAttachmentId(text: string): AttachmentId {
  return parseAttachmentId(text) ?? refuse('attachment id', text)
}

export function requireDeviceId(text: string): DeviceId {
  return parseDeviceId(text) ?? refuse('device id', text)
}

function refuse(what: string, text: string): never {
  throw new ChatError('bad_request', `"${text}" is no ${what}`)
}
