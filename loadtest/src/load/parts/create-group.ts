import { newConversationId, newOutboxId } from '@satchel/protocol'
import type { Person } from './person.ts'

/** Makes a group of the first with the others, who all know of it then. */
export async function createGroup([creator, ...others]: readonly Person[]): Promise<void> {
  if (creator === undefined) return
  const conversationId = newConversationId('group')
  const { seq } = await creator.session.request('command', {
    commandId: { outbox: newOutboxId(), counter: 1 },
    conversationId,
    command: {
      kind: 'create_conversation',
      conversationKind: 'group',
      memberIds: others.map(({ userId }) => userId),
    },
    to: undefined,
    restart: undefined,
  })
  if (seq === undefined) return
  for (const member of [creator, ...others]) member.knows(conversationId, seq)
}
