import { ChatError, newOutboxId, type ConversationId } from '@satchel/protocol'
import type { SocketClient } from '../socket-client.ts'
import { aliceWithGroup, refusal, type Provocations } from './provocation.ts'

/** What stands in for the disk of the two tests above. */
const limits = { bytes: Number.MAX_SAFE_INTEGER, broken: false }

export const ofCommands: Provocations = {
  bad_request: {
    async provoke(server) {
      const alice = await server.signIn('alice')
      const commandId = { outbox: newOutboxId(), counter: 1 }
      const command = { kind: 'send_message', text: 'to nobody' } as const
      return refusal(alice.request('command', { commandId, command }))
    },
  },
  outbox_conflict: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const commandId = { outbox: newOutboxId(), counter: 1 }
      const say = (text: string): Promise<unknown> =>
        alice.request('command', {
          commandId,
          conversationId,
          command: { kind: 'send_message', text },
        })
      await say('one')
      return refusal(say('another'))
    },
  },
  too_late: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const outbox = newOutboxId()
      const say = (counter: number): Promise<unknown> =>
        alice.request('command', {
          commandId: { outbox, counter },
          conversationId,
          command: { kind: 'send_message', text: String(counter) },
        })
      await say(40)
      return refusal(say(2))
    },
  },
  rate_limited: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const codes = await flood(alice, conversationId)
      return codes[0] ?? 'none'
    },
  },
  restart_required: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      await flood(alice, conversationId)
      // As soon as there is a token again, it is not the limit that refuses.
      for (;;) {
        const code = await refusal(alice.say(conversationId, 'again'))
        if (code !== 'rate_limited') return code
      }
    },
  },
  storage_full: {
    options: { limitBytes: () => limits.bytes },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      limits.bytes = 0
      try {
        return await refusal(alice.say(conversationId, 'no room'))
      } finally {
        limits.bytes = Number.MAX_SAFE_INTEGER
      }
    },
  },
  retry: {
    options: {
      limitBytes: () => {
        if (limits.broken) throw new Error('the disk does not answer')
        return Number.MAX_SAFE_INTEGER
      },
    },
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      limits.broken = true
      try {
        return await refusal(alice.say(conversationId, 'lost?'))
      } finally {
        limits.broken = false
      }
    },
  },
}

async function flood(client: SocketClient, conversationId: ConversationId): Promise<string[]> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => client.say(conversationId, 'quick')),
  )
  return outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' && outcome.reason instanceof ChatError
      ? [outcome.reason.code]
      : [],
  )
}
