import { parseConversationId, parseUserId } from '@satchel/protocol'
import type { ConversationId, JsonValue, UserId } from '@satchel/protocol'

/** Whom a command is for: a conversation, or the person of a direct one that may not exist yet. */
export type CommandTarget = { readonly conversationId: ConversationId } | { readonly to: UserId }

/** The same text for the same target. */
export function targetKey(target: CommandTarget): string {
  return 'to' in target ? `to:${target.to}` : target.conversationId
}

export function formatTarget(target: CommandTarget): { readonly [key: string]: JsonValue } {
  return 'to' in target ? { to: target.to } : { conversationId: target.conversationId }
}

export function parseTarget(fields: {
  readonly [key: string]: JsonValue
}): CommandTarget | undefined {
  const { to, conversationId } = fields
  if (typeof to === 'string') {
    const userId = parseUserId(to)
    return userId === undefined ? undefined : { to: userId }
  }
  const id = typeof conversationId === 'string' ? parseConversationId(conversationId) : undefined
  return id === undefined ? undefined : { conversationId: id }
}
