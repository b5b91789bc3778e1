import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LIMITS, newAttachmentId, newConversationId, type UserId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { ConversationHistory, attachmentIn, message } from '../support/conversation-history.ts'
import { ALICE, BOB, CAROL, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'timeline'>

const ALL = { after: 0, upTo: 1_000, limit: 1_000 }

export function describeTimeline(name: string, subject: ContractSubject<Ports>): void {
  describe(`timeline, ${name}`, () => {
    it('reads pages forwards and backwards, ascending and without gaps', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, ...Array.from({ length: 12 }, (_, index) => `m${index + 1}`))
      const seqs = async (range: Parameters<Ports['timeline']['read']>[1]) =>
        (await other.timeline.read(history.id, range)).map(({ seq }) => seq)
      assert.deepEqual(await seqs({ after: 3, upTo: 7, limit: 100 }), [4, 5, 6, 7])
      assert.deepEqual(await seqs({ after: 3, upTo: 7, limit: 2 }), [4, 5])
      assert.deepEqual(await seqs({ after: 10, upTo: 99, limit: 100 }), [11, 12])
      assert.deepEqual(await seqs({ after: 7, upTo: 7, limit: 100 }), [])
      assert.deepEqual(await seqs({ after: 9, upTo: 7, limit: 100 }), [])
      assert.deepEqual(await seqs({ after: 12, upTo: 20, limit: 100 }), [])
      assert.deepEqual(await seqs({ before: 5, limit: 3 }), [2, 3, 4])
      assert.deepEqual(await seqs({ before: 3, limit: 100 }), [1, 2])
      assert.deepEqual(await seqs({ before: 99, limit: 2 }), [11, 12])
      assert.deepEqual(await seqs({ before: 1, limit: 10 }), [])
    })

    it('has nothing of an unknown conversation, nor of its neighbours', async (test) => {
      const { one } = await subject.open(test)
      await new ConversationHistory(one.conversations, ALICE).send(ALICE, 'elsewhere')
      assert.deepEqual(await one.timeline.read(newConversationId('group'), ALL), [])
      assert.deepEqual(
        await one.timeline.read(newConversationId('channel'), { before: 10, limit: 10 }),
        [],
      )
    })

    it('has nothing beyond the last event, however large the number', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'only')
      const after = Number.MAX_SAFE_INTEGER - 1
      const { id } = history
      assert.deepEqual(await one.timeline.read(id, { after, upTo: after + 1, limit: 10 }), [])
      assert.deepEqual(await one.timeline.readFacts(id, [after]), new Map())
      const all = await one.timeline.read(id, { before: after, limit: 10 })
      assert.equal(all.length, 1)
    })

    it('gives every field of an event back', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const { events } = await history.commit([
        {
          authorId: ALICE,
          content: { kind: 'conversation_created', conversationKind: 'group', memberIds: [BOB] },
        },
        {
          authorId: BOB,
          content: {
            kind: 'message_sent',
            body: {
              version: 1,
              text: 'Zoë 👋\u2028',
              mentions: [ALICE],
              mentionAll: true,
              data: { a: [1] },
            },
            attachments: [
              {
                ...attachmentIn('ready', { id: newAttachmentId(), version: 3 }),
                thumbhash: 'AQL_',
                variants: [{ name: 'w800', contentType: 'image/webp', sizeBytes: 5 }],
              },
            ],
            replyTo: 1,
            silent: true,
          },
        },
        { authorId: CAROL, content: message('') },
      ])
      assert.deepEqual(plain(await other.timeline.read(history.id, ALL)), plain(events))
    })

    it('shows messages as they are after edits, and edits with what the message says now', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'first')
      for (const [version, text] of [
        [2, 'second'],
        [3, 'third'],
      ] as const) {
        const value = { version, text }
        await history.commit(
          [{ authorId: ALICE, content: { kind: 'message_edited', target: 1, body: value } }],
          { parts: [{ part: 'body', target: 1, value }] },
        )
      }
      const [sent, edited] = await one.timeline.read(history.id, ALL)
      const body = { version: 3, text: 'third' }
      assert.deepEqual(sent?.content, { kind: 'message_sent', body })
      assert.deepEqual(edited?.content, { kind: 'message_edited', target: 1, body })
      const [last] = await one.timeline.read(history.id, { before: 3, limit: 1 })
      assert.deepEqual(last?.content, { kind: 'message_edited', target: 1, body })
    })

    it('leaves a part alone that is not newer than the stored one', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const id = newAttachmentId()
      const uploading = attachmentIn('uploading', { id, version: 4 })
      await history.commit([{ authorId: ALICE, content: message('look', [uploading]) }])
      const ready = attachmentIn('ready', { id, version: 9 })
      for (const value of [ready, attachmentIn('processing', { id, version: 7 })]) {
        await history.commit(
          [
            {
              authorId: ALICE,
              content: { kind: 'attachment_updated', target: 1, attachment: value },
            },
          ],
          { parts: [{ part: 'attachment', target: 1, value }] },
        )
      }
      const events = await one.timeline.read(history.id, ALL)
      assert.deepEqual(
        events.map(({ content }) => content),
        [
          { kind: 'message_sent', body: { version: 1, text: 'look' }, attachments: [ready] },
          { kind: 'attachment_updated', target: 1, attachment: ready },
          { kind: 'attachment_updated', target: 1, attachment: ready },
        ],
      )
    })

    it('changes a message that is part of the same commit', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const value = { version: 2, text: 'better' }
      await history.commit(
        [
          { authorId: ALICE, content: message('good') },
          { authorId: ALICE, content: { kind: 'message_edited', target: 1, body: value } },
        ],
        { parts: [{ part: 'body', target: 1, value }] },
      )
      const [sent] = await one.timeline.read(history.id, ALL)
      assert.deepEqual(sent?.content, { kind: 'message_sent', body: value })
    })

    it('keeps nothing of a deleted message but that it was there', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const id = newAttachmentId()
      const photo = attachmentIn('ready', { id, version: 2 })
      await history.commit([{ authorId: ALICE, content: message('secret', [photo]) }])
      await history.commit(
        [{ authorId: BOB, content: { kind: 'reaction_changed', target: 1, emoji: '👍' } }],
        { reactions: [reacted(history, BOB, '👍')] },
      )
      const edited = { version: 3, text: 'secret too' }
      await history.commit(
        [{ authorId: ALICE, content: { kind: 'message_edited', target: 1, body: edited } }],
        { parts: [{ part: 'body', target: 1, value: edited }] },
      )
      await history.commit([{ authorId: ALICE, content: { kind: 'message_deleted', target: 1 } }], {
        parts: [{ part: 'body', target: 1, value: { version: 4, deleted: true } }],
      })
      const late = { version: 5, text: 'still here?' }
      await history.commit(
        [{ authorId: ALICE, content: { kind: 'message_edited', target: 1, body: late } }],
        {
          parts: [
            { part: 'body', target: 1, value: late },
            {
              part: 'attachment',
              target: 1,
              value: attachmentIn('ready', { id, version: 9 }),
            },
          ],
        },
      )
      const events = await one.timeline.read(history.id, ALL)
      const gone = { version: 4, deleted: true }
      assert.deepEqual(plain([events[0]?.content]), [{ kind: 'message_sent', body: gone }])
      assert.deepEqual(events[4]?.content, { kind: 'message_edited', target: 1, body: gone })
      assert.doesNotMatch(JSON.stringify(events), /secret|still here|ready\.jpg/)
      const facts = await one.timeline.readFacts(history.id, [1])
      assert.deepEqual(facts.get(1)?.attachmentIds, [id])
    })

    it('lists reactions by who came first, without those taken back', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello', 'other')
      const changes = [
        [CAROL, '👍', false],
        [BOB, '🎉', false],
        [ALICE, '👍', false],
        [BOB, '👀', false],
        [BOB, '👀', true],
        [CAROL, '👍', true],
        [CAROL, '👍', false],
      ] as const
      for (const [userId, emoji, removed] of changes)
        await history.commit([], { reactions: [{ ...reacted(history, userId, emoji), removed }] })
      const [first, second] = await other.timeline.read(history.id, ALL)
      assert.deepEqual(first?.content.kind === 'message_sent' && first.content.reactions, [
        { emoji: '🎉', count: 1, userIds: [BOB] },
        { emoji: '👍', count: 2, userIds: [ALICE, CAROL] },
      ])
      assert.deepEqual(plain([second?.content]), [
        { kind: 'message_sent', body: { version: 2, text: 'other' } },
      ])
    })

    it('lists no more kinds of reactions than a message may have', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello')
      const kinds = Array.from({ length: LIMITS.reactionKindsPerMessage + 3 }, (_, n) => `e${n}`)
      for (const emoji of kinds)
        await history.commit([], { reactions: [reacted(history, BOB, emoji)] })
      const [event] = await one.timeline.read(history.id, ALL)
      const shown = event?.content.kind === 'message_sent' ? event.content.reactions : undefined
      assert.deepEqual(
        shown?.map(({ emoji }) => emoji),
        kinds.slice(0, LIMITS.reactionKindsPerMessage),
      )
    })

    it('names up to as many reactors as a small conversation has members, and counts the rest', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello')
      const most = LIMITS.smallConversationMembers
      const people = Array.from({ length: most }, (_, n) => personNamed(`user-${n}`))
      await history.commit([], {
        reactions: people.map((userId) => reacted(history, userId, '👍')),
      })
      const read = async () => {
        const [event] = await one.timeline.read(history.id, ALL)
        return event?.content.kind === 'message_sent' ? event.content.reactions?.[0] : undefined
      }
      assert.equal((await read())?.userIds?.length, most)
      await history.commit([], { reactions: [reacted(history, BOB, '👍')] })
      assert.deepEqual(await read(), { emoji: '👍', count: most + 1 })
    })

    it('counts what was given and not taken back, however often either is said', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello')
      const people = Array.from({ length: 300 }, (_, n) => personNamed(`user-${n}`))
      const countAfter = async (userIds: readonly UserId[], removed: boolean) => {
        const reactions = userIds.map((userId) => ({ ...reacted(history, userId, '👍'), removed }))
        await history.commit([], { reactions: [...reactions, ...reactions] })
        const [event] = await one.timeline.read(history.id, ALL)
        const shown = event?.content.kind === 'message_sent' ? event.content.reactions : undefined
        return shown?.map(({ count, userIds: named }) => [count, named?.length])
      }
      assert.deepEqual(await countAfter(people, false), [[300, undefined]])
      assert.deepEqual(await countAfter(people.slice(100), false), [[300, undefined]])
      assert.deepEqual(await countAfter(people.slice(0, 100), true), [[200, 200]])
      assert.deepEqual(await countAfter(people.slice(0, 200), true), [[100, 100]])
      assert.deepEqual(await countAfter(people, true), undefined)
    })

    it('tells what never changes of events, leaving out those that are not there', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const id = newAttachmentId()
      const photo = attachmentIn('uploading', { id, version: 1 })
      await history.commit([
        { authorId: ALICE, content: message('photo', [photo]) },
        { authorId: BOB, content: { kind: 'member_left' } },
      ])
      const facts = await other.timeline.readFacts(history.id, [2, 1, 3])
      assert.deepEqual(
        new Map(facts),
        new Map([
          [1, { authorId: ALICE, kind: 'message_sent' as const, attachmentIds: [id] }],
          [2, { authorId: BOB, kind: 'member_left' as const, attachmentIds: [] }],
        ]),
      )
      assert.equal((await other.timeline.readFacts(newConversationId('group'), [1])).size, 0)
    })
  })
}

function reacted(history: ConversationHistory, userId: UserId, emoji: string) {
  return { target: 1, emoji, userId, removed: false, position: history.nextPosition() }
}

/** Without fields that are there but undefined. */
function plain(values: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(values))
}
