import { newConversationId, type ConversationId } from '@satchel/protocol'
import type { Settings } from '../settings.ts'
import { Member } from './member.ts'

/** People of one conversation, all of them connected. */
export interface Group {
  readonly conversationId: ConversationId
  readonly members: readonly Member[]
}

/** Connects people of these names and makes them a group. */
export async function gatherGroup(settings: Settings, names: readonly string[]): Promise<Group> {
  const members = await Promise.all(names.map((name) => Member.open(settings, name)))
  const conversationId = newConversationId('group')
  const [creator, ...others] = members
  await creator?.command(conversationId, {
    kind: 'create_conversation',
    conversationKind: 'group',
    memberIds: others.map(({ userId }) => userId),
  })
  return { conversationId, members }
}

export function closeGroup({ members }: Group): void {
  for (const member of members) member.close()
}
