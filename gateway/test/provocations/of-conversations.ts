import { newConversationId } from '@satchel/protocol'
import { userIdOf } from '../test-server.ts'
import { aliceWithGroup, refusal, unlimited, type Provocations } from './provocation.ts'

export const ofConversations: Provocations = {
  not_a_member: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      return refusal((await server.signIn('carol')).request('history', { conversationId }))
    },
  },
  not_allowed: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      const client = await server.signIn('bob')
      return refusal(client.command({ conversationId }, { kind: 'delete_conversation' }))
    },
  },
  no_such_conversation: {
    provoke: async (server) =>
      refusal((await server.signIn('alice')).say(newConversationId('group'), 'anybody?')),
  },
  no_such_message: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(alice.command({ conversationId }, { kind: 'delete_message', target: 99 }))
    },
  },
  conversation_exists: {
    async provoke(server) {
      const [, conversationId] = await aliceWithGroup(server)
      const command = { kind: 'create_conversation', conversationKind: 'group' } as const
      return refusal((await server.signIn('bob')).command({ conversationId }, command))
    },
  },
  conversation_deleted: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      await alice.command({ conversationId }, { kind: 'delete_conversation' })
      return refusal(alice.say(conversationId, 'still there?'))
    },
  },
  last_owner: {
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      return refusal(alice.command({ conversationId }, { kind: 'leave_conversation' }))
    },
  },
  too_many_members: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      for (let batch = 0; batch < 250; batch++) {
        const userIds = Array.from({ length: 50 }, (_, index) => userIdOf(`m${batch}-${index}`))
        const added = await refusal(
          alice.command({ conversationId }, { kind: 'add_members', userIds }),
        ).catch(() => undefined)
        if (added !== undefined) return added
      }
      return 'none'
    },
  },
  too_many_pins: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      for (let index = 0; index < 50; index++) {
        const { seq = 0 } = await alice.say(conversationId, 'pin me')
        await alice.command({ conversationId }, { kind: 'pin_message', target: seq })
      }
      const { seq = 0 } = await alice.say(conversationId, 'me too')
      return refusal(alice.command({ conversationId }, { kind: 'pin_message', target: seq }))
    },
  },
  too_many_reactions: {
    options: unlimited,
    async provoke(server) {
      const [alice, conversationId] = await aliceWithGroup(server)
      const { seq: target = 0 } = await alice.say(conversationId, 'react')
      const react = (index: number): Promise<unknown> => {
        const emoji = String.fromCodePoint(0x1f600 + index)
        return alice.command({ conversationId }, { kind: 'react', target, emoji })
      }
      for (let index = 0; index < 20; index++) await react(index)
      return refusal(react(20))
    },
  },
}
