import type { ConversationId, Seq, UserId } from '@satchel/protocol'
import type { Connection } from './connection.ts'
import type { Message } from './message.ts'
import { Timeline } from './timeline.ts'

/** Asks for one message and folds it aside; `undefined` when there is none at this place. */
export async function readMessage(
  connection: Pick<Connection, 'request'>,
  context: { readonly conversationId: ConversationId; readonly myId: UserId | undefined },
  seq: Seq,
): Promise<Message | undefined> {
  const wanted = { around: seq, limit: 1 }
  const { conversationId } = context
  const page = await connection.request({ type: 'history', conversationId, ...wanted })
  const aside = new Timeline(() => context, doNothing)
  aside.addPage(wanted, page, doNothing)
  return aside.messages.find((message) => message.seq === seq)
}

function doNothing(): undefined {
  return undefined
}
