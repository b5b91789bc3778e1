import { decodeBase64url, encodeBase64url, sextetAt } from './base64url.ts'

declare const brand: unique symbol
type Branded<Value, Name extends string> = Value & { readonly [brand]: Name }

/** The integrator's own id of a person: 1 to 64 bytes of UTF-8, no control characters. */
export type UserId = Branded<string, 'UserId'>
/** 16 bytes, in memory as base64url (22 characters); its first four bits name the kind. */
export type ConversationId = Branded<string, 'ConversationId'>
/** 16 bytes chosen by the uploading client, in memory as base64url. */
export type AttachmentId = Branded<string, 'AttachmentId'>
/** 16 random bytes naming stored bytes, in memory as base64url; never reused. */
export type BlobKey = Branded<string, 'BlobKey'>
/** 5 random bytes naming one line of commands, in memory as base64url (7 characters). */
export type OutboxId = Branded<string, 'OutboxId'>
/** The client installation behind a session: 1 to 64 characters the client keeps. */
export type DeviceId = Branded<string, 'DeviceId'>
/** One authenticated socket; chosen by the gateway. */
export type SessionId = Branded<string, 'SessionId'>
/** Position of an event in its conversation: 1, 2, 3 … */
export type Seq = number

/** Names a command for ever: the n-th (1 …) command of one outbox. */
export interface CommandId {
  readonly outbox: OutboxId
  /** 1 to 2^24 - 1. */
  readonly counter: number
}

export const CONVERSATION_KINDS = ['direct', 'group', 'channel'] as const
export type ConversationKind = (typeof CONVERSATION_KINDS)[number]

// The first four bits of a conversation id. 4 is kept for threads.
const KIND_BITS: Readonly<Record<ConversationKind, number>> = { direct: 1, group: 2, channel: 3 }
const KIND_OF_BITS = [undefined, 'direct', 'group', 'channel'] as const

const USER_ID_MAX_BYTES = 64
// eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
const UNPRINTABLE = /[\u0000-\u001f\u007f]/
const utf8 = new TextEncoder()

export function parseUserId(text: string): UserId | undefined {
  if (text.length === 0 || text.length > USER_ID_MAX_BYTES || UNPRINTABLE.test(text))
    return undefined
  if (text.length * 3 > USER_ID_MAX_BYTES && utf8.encode(text).length > USER_ID_MAX_BYTES)
    return undefined
  return text as UserId
}

export function parseConversationId(text: string): ConversationId | undefined {
  if (!is16Bytes(text) || conversationKindOf(text as ConversationId) === undefined) return undefined
  return text as ConversationId
}

export function parseAttachmentId(text: string): AttachmentId | undefined {
  return is16Bytes(text) ? (text as AttachmentId) : undefined
}

export function parseBlobKey(text: string): BlobKey | undefined {
  return is16Bytes(text) ? (text as BlobKey) : undefined
}

export function parseOutboxId(text: string): OutboxId | undefined {
  return text.length === 7 && decodeBase64url(text) !== undefined ? (text as OutboxId) : undefined
}

export function parseDeviceId(text: string): DeviceId | undefined {
  return /^[\w.:-]{1,64}$/.test(text) ? (text as DeviceId) : undefined
}

/** Whether these are the 16 bytes of a conversation id. */
export function isConversationId(bytes: Uint8Array): boolean {
  return bytes.length === 16 && KIND_OF_BITS[(bytes[0] ?? 0) >> 4] !== undefined
}

/** The kind an id was made for; `undefined` for bits no kind has. */
export function conversationKindOf(id: ConversationId): ConversationKind | undefined {
  // The first letter holds six bits, the kind and two more.
  return KIND_OF_BITS[sextetAt(id, 0) >> 2]
}

/** A conversation id of `kind` from 16 bytes (random, or a hash); their first four bits are overwritten. */
export function conversationIdFrom(kind: ConversationKind, bytes: Uint8Array): ConversationId {
  const marked = bytes.slice(0, 16)
  marked[0] = (KIND_BITS[kind] << 4) | ((bytes[0] ?? 0) & 0x0f)
  return encodeBase64url(marked) as ConversationId
}

export function newConversationId(kind: Exclude<ConversationKind, 'direct'>): ConversationId {
  return conversationIdFrom(kind, randomBytes(16))
}

export function newAttachmentId(): AttachmentId {
  return encodeBase64url(randomBytes(16)) as AttachmentId
}

export function newBlobKey(): BlobKey {
  return encodeBase64url(randomBytes(16)) as BlobKey
}

export function newOutboxId(): OutboxId {
  return encodeBase64url(randomBytes(5)) as OutboxId
}

export function newSessionId(): SessionId {
  return encodeBase64url(randomBytes(12)) as SessionId
}

function randomBytes(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count))
}

function is16Bytes(text: string): boolean {
  return text.length === 22 && decodeBase64url(text) !== undefined
}
