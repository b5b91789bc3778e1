import { conversationIdFrom, parseUserId } from '@satchel/protocol'
import type { UserId } from '@satchel/protocol'
import { ChatClient } from '../../src/index.ts'
import type { ChatClientOptions } from '../../src/index.ts'
import type { FakeConversation } from './fake-conversation.ts'
import { FakeNetwork } from './fake-network.ts'
import { FakeServer } from './fake-server.ts'
import { ManualClock } from './manual-clock.ts'

/** A far end, the network to it, and time, all in the test's hands. */
export interface TestBench {
  readonly clock: ManualClock
  readonly network: FakeNetwork
  readonly server: FakeServer
  /** A client of this user; not connected. Jitter is always the whole of it. */
  readonly client: (userId: string, options?: Partial<ChatClientOptions>) => ChatClient
  /** A group with these members, `count` messages old. */
  readonly group: (members: readonly string[], count?: number) => FakeConversation
}

export function createTestBench(): TestBench {
  const clock = new ManualClock()
  const network = new FakeNetwork()
  const server = new FakeServer(network, clock)
  let groups = 0
  return {
    clock,
    network,
    server,
    client: (userId, options = {}) =>
      new ChatClient({
        url: 'ws://chat.example:7700/v1/socket',
        getToken: () => userId,
        deviceId: 'device',
        clock,
        random: () => 1,
        openWebSocket: network.open,
        partTransport: server.uploads.transport,
        ...options,
      }),
    group: (members, count = 0) => {
      const id = conversationIdFrom('group', new Uint8Array(16).fill(++groups))
      const conversation = server.conversation(id)
      for (const member of members) conversation.members.add(user(member))
      const memberIds = members.map(user)
      const author = memberIds[0] ?? user('nobody')
      conversation.append(author, {
        kind: 'conversation_created',
        conversationKind: 'group',
        memberIds,
      })
      for (let n = 1; n <= count; n++) server.append(id, author, `old ${String(n)}`)
      return conversation
    },
  }
}

/** A user id that is known to be one. */
export function user(id: string): UserId {
  const parsed = parseUserId(id)
  if (parsed === undefined) throw new TypeError(`"${id}" is no user id`)
  return parsed
}
