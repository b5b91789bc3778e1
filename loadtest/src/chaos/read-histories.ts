import {
  conversationKindOf,
  LIMITS,
  parseDeviceId,
  type ClientCodec,
  type ConversationEvent,
  type ConversationId,
  type UserId,
} from '@satchel/protocol'
import { Session, type SessionAddress } from '../client/session.ts'
import { traceOf } from '../event-trace.ts'
import type { History } from '../journal.ts'

export interface ReadHistoriesOptions {
  readonly codec: ClientCodec
  readonly address: SessionAddress
  readonly tokenOf: (userId: UserId) => string
}

/** Reads conversations from the store, each as the user given for it, who was in it from the start. */
export async function readHistories(
  options: ReadHistoriesOptions,
  readers: ReadonlyMap<ConversationId, UserId>,
): Promise<readonly History[]> {
  const byReader = new Map<UserId, ConversationId[]>()
  for (const [conversationId, userId] of readers) {
    const list = byReader.get(userId)
    if (list === undefined) byReader.set(userId, [conversationId])
    else list.push(conversationId)
  }
  const histories: History[] = []
  for (const [userId, conversationIds] of byReader) {
    const session = await openSession(options, userId)
    for (const conversationId of conversationIds)
      histories.push(await readHistory(session, conversationId))
    session.destroy()
  }
  return histories
}

async function openSession(options: ReadHistoriesOptions, userId: UserId): Promise<Session> {
  const { codec, address, tokenOf } = options
  const session = new Session(codec, { pushed: () => undefined, closed: () => undefined })
  const deviceId = parseDeviceId('fresh-reader')
  if (deviceId === undefined) throw new Error('fresh-reader is no device id')
  await session.open(address, { token: tokenOf(userId), deviceId, heads: undefined })
  return session
}

async function readHistory(session: Session, conversationId: ConversationId): Promise<History> {
  const events: ConversationEvent[] = []
  for (;;) {
    const page = await session.request('history', {
      conversationId,
      before: undefined,
      after: events.at(-1)?.seq ?? 0,
      around: undefined,
      limit: LIMITS.pageSize,
    })
    events.push(...page.events)
    if (page.more && page.events.length > 0) continue
    const { seq, ordinal } = page.head
    const isOpen = conversationKindOf(conversationId) === 'channel'
    return { conversationId, head: { seq, ordinal }, events: events.map(traceOf), isOpen }
  }
}
