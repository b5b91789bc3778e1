import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ChatError,
  newConversationId,
  type ConversationId,
  type DeviceId,
  type SessionId,
} from '@satchel/protocol'
import { eventually } from '../support/eventually.ts'
import type { ConversationStore } from '../../src/ports/conversation-store.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import {
  Actor,
  GATEWAY_ID,
  startChatCore,
  userNamed,
  type ChatCoreProcess,
} from '../support/chat-core-process.ts'

describe('the owner of a partition', () => {
  it('answers with the seq once the message can be read', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup('bob')
    const { seq } = await alice.say(trip, 'hello')
    assert.equal(seq, 2)
    const [event] = await core.backend.timeline.read(trip, { after: 1, upTo: 2, limit: 1 })
    assert.equal(event?.content.kind === 'message_sent' && event.content.body.text, 'hello')
  })

  it('applies the commands of one session in the order sent', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    const sent = Array.from({ length: 200 }, (_, index) => alice.say(trip, String(index)))
    const seqs = (await Promise.all(sent)).map(({ seq }) => seq)
    assert.deepEqual(
      seqs,
      Array.from({ length: 200 }, (_, index) => index + 2),
    )
  })

  it('gives a repeated command its first answer and tells nobody twice', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup('bob')
    await signIn(core, 'bob')
    const first = await alice.ask(trip, { kind: 'send_message', text: 'once' }, { counter: 9 })
    const again = await alice.ask(trip, { kind: 'send_message', text: 'once' }, { counter: 9 })
    assert.equal(again.seq, first.seq)
    await eventually(() => {
      assert.deepEqual(seqsFor(core, trip, 'bob'), [2])
    })
  })

  it('delivers to members with sessions, and to nobody after their removal', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup('bob')
    await signIn(core, 'bob')
    await Promise.all([
      alice.say(trip, 'before'),
      alice.ask(trip, { kind: 'remove_member', userId: userNamed('bob') }),
      alice.say(trip, 'after'),
    ])
    await eventually(() => {
      assert.deepEqual(seqsFor(core, trip, 'bob'), [2, 3])
    })
  })

  it('shows a newcomer nothing that was decided before they were added, even in the same commit', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    await signIn(core, 'bob')
    await Promise.all([
      alice.say(trip, 'secret'),
      alice.ask(trip, { kind: 'add_members', userIds: [userNamed('bob')] }),
      alice.say(trip, 'welcome'),
    ])
    await eventually(() => {
      assert.deepEqual(seqsFor(core, trip, 'bob'), [3, 4])
    })
  })
})

describe('a commit that fails', () => {
  it('is answered as unknown, applies nothing that queued behind it, and the resent commands apply in order', async (t) => {
    const faults = new FailingStore()
    const core = await startChatCore(t, { wrapStore: (store) => faults.around(store) })
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    faults.failNext = 1
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((text, index) =>
        alice.ask(trip, { kind: 'send_message', text }, { counter: 10 + index }),
      ),
    )
    assert.deepEqual(outcomes.map(codeOf), ['storage_full', 'storage_full', 'storage_full'])
    const refused = await Promise.allSettled([
      alice.ask(trip, { kind: 'send_message', text: 'd' }, { counter: 13 }),
    ])
    assert.deepEqual(refused.map(codeOf), ['restart_required'])
    // What was appended before the refusal was heard of is refused once more.
    const resent = await eventually(() =>
      Promise.all(
        ['a', 'b', 'c', 'd'].map((text, index) =>
          alice.ask(
            trip,
            { kind: 'send_message', text },
            { counter: 10 + index, restart: index === 0 },
          ),
        ),
      ),
    )
    assert.deepEqual(
      resent.map(({ seq }) => seq),
      [2, 3, 4, 5],
    )
    const events = await core.backend.timeline.read(trip, { after: 1, upTo: 5, limit: 10 })
    assert.deepEqual(events.map(textOf), ['a', 'b', 'c', 'd'])
  })

  it('does not touch other conversations', async (t) => {
    const faults = new FailingStore()
    const core = await startChatCore(t, { wrapStore: (store) => faults.around(store) })
    const alice = new Actor(core, 'alice')
    const [trip, work] = [await alice.createGroup(), await alice.createGroup()]
    faults.failOnly = trip
    const outcomes = await Promise.allSettled([alice.say(trip, 'lost'), alice.say(work, 'kept')])
    assert.deepEqual(outcomes.map(codeOf), ['storage_full', undefined])
  })
})

describe('the line of a session', () => {
  it('refuses what follows a retryable refusal until a restart', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    alice.line.refuse(alice.userId, { conversationId: trip })
    const refused = await Promise.allSettled([alice.say(trip, 'too soon')])
    assert.deepEqual(refused.map(codeOf), ['restart_required'])
    const { seq } = await alice.ask(
      trip,
      { kind: 'send_message', text: 'again' },
      { counter: 50, restart: true },
    )
    assert.equal(seq, 2)
  })

  it('needs exactly one of a conversation and a person', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const key = { kind: 'none' } as const
    const command = { kind: 'send_message', text: 'to whom?' } as const
    const neither = await Promise.allSettled([
      alice.line.submit({ authorId: alice.userId, key, command }),
    ])
    assert.deepEqual(neither.map(codeOf), ['bad_request'])
    const both = {
      authorId: alice.userId,
      key,
      command,
      to: userNamed('bob'),
      conversationId: newConversationId('group'),
    }
    assert.deepEqual((await Promise.allSettled([alice.line.submit(both)])).map(codeOf), [
      'bad_request',
    ])
  })

  it('makes a direct conversation with its first message, the same one from both sides', async (t) => {
    const core = await startChatCore(t)
    const [alice, bob] = [new Actor(core, 'alice'), new Actor(core, 'bob')]
    const command = { kind: 'send_message', text: 'hi' } as const
    const outbox = (actor: Actor) => ({ kind: 'outbox', outbox: actor.outbox, counter: 1 }) as const
    const there = await alice.line.submit({
      authorId: alice.userId,
      to: bob.userId,
      key: outbox(alice),
      command,
    })
    const back = await bob.line.submit({
      authorId: bob.userId,
      to: alice.userId,
      key: outbox(bob),
      command,
    })
    assert.equal(there.seq, 2)
    assert.equal(back.conversationId, there.conversationId)
    assert.equal(back.seq, 3)
  })
})

/** Refuses commits as a full disk does. */
class FailingStore {
  failNext = 0
  failOnly: ConversationId | undefined

  around(store: ConversationStore): ConversationStore {
    return {
      ...store,
      atomicCommit: store.atomicCommit,
      read: (id) => store.read(id),
      commit: async (commit) => {
        if (commit.conversationId === this.failOnly || this.failNext > 0) {
          this.failNext--
          throw new ChatError('storage_full', 'no space left')
        }
        await store.commit(commit)
      },
    }
  }
}

async function signIn(core: ChatCoreProcess, name: string): Promise<void> {
  await core.backend.sessions.register({
    sessionId: `session-of-${name}` as SessionId,
    userId: userNamed(name),
    deviceId: 'phone' as DeviceId,
    gatewayId: GATEWAY_ID,
  })
}

function seqsFor(core: ChatCoreProcess, id: ConversationId, name: string): number[] {
  return core.received
    .filter(
      (message): message is Extract<GatewayMessage, { type: 'events' }> =>
        message.type === 'events',
    )
    .filter(
      (message) =>
        message.conversationId === id && message.userIds?.includes(userNamed(name)) === true,
    )
    .flatMap(({ events }) => events.map(({ event }) => event.seq))
}

function codeOf(outcome: PromiseSettledResult<unknown>): string | undefined {
  if (outcome.status === 'fulfilled') return undefined
  const reason: unknown = outcome.reason
  return reason instanceof ChatError ? reason.code : String(reason)
}

function textOf(event: {
  readonly content: {
    readonly kind: string
    readonly body?: { readonly text?: string | undefined } | undefined
  }
}): string | undefined {
  return event.content.body?.text
}
