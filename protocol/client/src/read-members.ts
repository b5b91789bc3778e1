import type { ConversationId, Member } from '@satchel/protocol'
import type { Connection } from './connection.ts'
import { requireUserId } from './identifiers.ts'

export interface MembersRequest {
  /** Begins behind this one. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

export interface MembersPage {
  readonly members: readonly Member[]
  readonly more: boolean
}

/** A page of a conversation's members, by their ids. Rejects with a `ChatError`. */
export async function readMembers(
  connection: Pick<Connection, 'request'>,
  conversationId: ConversationId,
  { after, limit }: MembersRequest,
): Promise<MembersPage> {
  const behind = after === undefined ? undefined : requireUserId(after)
  return await connection.request({ type: 'members', conversationId, after: behind, limit })
}
