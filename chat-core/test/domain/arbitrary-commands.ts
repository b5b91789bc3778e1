import fc from 'fast-check'
import type { ConversationId } from '@satchel/protocol'
import type { Command, CommandContent, CommandKey } from '../../src/domain/index.ts'
import { attachmentOf, commandOf, idOf, keyOf, userOf } from './conversation-run.ts'

// Few of everything, so that commands meet: six people, the first seqs, two outboxes each.

export const PEOPLE = ['ann', 'bob', 'cy', 'dee', 'eve', 'fay'].map(userOf)

const person = fc.constantFrom(...PEOPLE)
const people = fc.array(person, { maxLength: 4 })
// Mostly one of the messages that every story starts with.
const target = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
)
const words = fc.constantFrom('', 'hi', 'there')
const role = fc.constantFrom('owner' as const, 'admin' as const, 'member' as const)
const settings = fc.record(
  { membersCanAdd: fc.boolean(), membersCanPin: fc.boolean() },
  { requiredKeys: [] },
)
const details = fc.record(
  { title: words, data: fc.constant({ colour: 'red' }), settings },
  { requiredKeys: [] },
)
const attachment = fc
  .record({ number: fc.integer({ min: 1, max: 3 }), version: fc.integer({ min: 1, max: 5 }) })
  .map(({ number, version }) => attachmentOf(number, { version, state: 'ready' }))

const sendMessage = fc
  .record(
    {
      text: words,
      attachments: fc.array(attachment, { minLength: 1, maxLength: 2 }),
      replyTo: fc.integer({ min: 1, max: 4 }),
      mentions: people,
      mentionAll: fc.boolean(),
      silent: fc.boolean(),
    },
    { requiredKeys: ['text'] },
  )
  .map((fields): CommandContent => ({ kind: 'send_message', ...fields }))

/** Any command to a conversation that exists (or one that creates it again). */
export const arbitraryContent: fc.Arbitrary<CommandContent> = fc.oneof(
  { weight: 12, arbitrary: sendMessage },
  { weight: 2, arbitrary: of('add_members', { userIds: people }) },
  { weight: 2, arbitrary: of('remove_member', { userId: person }) },
  { weight: 2, arbitrary: of('leave_conversation', {}) },
  { weight: 4, arbitrary: of('set_role', { userId: person, role }) },
  { weight: 4, arbitrary: of('edit_message', { target, text: words }) },
  { weight: 4, arbitrary: of('delete_message', { target }) },
  {
    weight: 4,
    arbitrary: of('react', {
      target,
      emoji: fc.constantFrom('👍', '🎉'),
      removed: fc.boolean(),
      byFollower: fc.constantFrom(true, undefined),
    }),
  },
  { weight: 5, arbitrary: of('pin_message', { target }) },
  { weight: 4, arbitrary: of('unpin_message', { target }) },
  {
    weight: 3,
    arbitrary: details.map((fields) => ({ kind: 'update_conversation' as const, ...fields })),
  },
  { weight: 1, arbitrary: of('set_member_settings', { mutedUntilMs: target }) },
  { weight: 4, arbitrary: of('attachment_result', { target, attachment }) },
  { weight: 1, arbitrary: of('erase_user', { userId: person }) },
  { weight: 2, arbitrary: of('blank_message', { target }) },
  { weight: 1, arbitrary: of('delete_conversation', {}) },
  {
    weight: 1,
    arbitrary: of('create_conversation', {
      conversationKind: fc.constantFrom('group' as const, 'channel' as const),
      memberIds: people,
    }),
  },
)

export const arbitraryKey: fc.Arbitrary<CommandKey> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 30 }))
      .map(([outbox, counter]) => keyOf(outbox, counter)),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('AAAAAAAAAAA', 'BAAAAAAAAAA', 'CAAAAAAAAAA')
      .map((hash) => ({ kind: 'idempotency', hash }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'none' } as const) },
)

/** A command, and the time of its log record: clocks may go back. */
export interface TimedCommand {
  readonly command: Command
  readonly timeMs: number
}

/** The life of one conversation, from the command that makes it on. */
export interface Story {
  readonly id: ConversationId
  readonly commands: readonly TimedCommand[]
}

interface Step extends TimedCommand {
  /** Instead of this command, an earlier one comes again, counted from the newest. */
  readonly again: number | null
}

const timeMs = fc.integer({ min: 1_000, max: 1_200 })

/** Stories in which commands come again, and command ids with another content. */
export function arbitraryStory(
  content: fc.Arbitrary<CommandContent> = arbitraryContent,
  key: fc.Arbitrary<CommandKey> = arbitraryKey,
): fc.Arbitrary<Story> {
  return fc.constantFrom('direct' as const, 'group' as const, 'channel' as const).chain((kind) =>
    fc
      .record({
        memberIds: fc.subarray(PEOPLE, { minLength: 2 }),
        roles: fc.array(of('set_role', { userId: person, role }), { maxLength: 4 }),
        steps: fc.array(stepOf(idOf(kind), kind === 'direct', content, key), {
          minLength: 1,
          maxLength: 60,
          size: 'max',
        }),
      })
      .map(({ memberIds, roles, steps }) => {
        const id = idOf(kind)
        const commands = [
          firstCommand(id, kind, memberIds),
          ...firstMessages(id),
          ...firstRoles(id, roles),
        ]
        for (const { again, ...fresh } of steps) {
          const earlier = again === null ? undefined : commands.at(-again)
          commands.push(earlier ?? fresh)
        }
        return { id, commands }
      }),
  )
}

function stepOf(
  id: ConversationId,
  isDirect: boolean,
  content: fc.Arbitrary<CommandContent>,
  key: fc.Arbitrary<CommandKey>,
): fc.Arbitrary<Step> {
  return fc
    .record({
      author: fc.oneof(fc.constant(userOf('ann')), person),
      key,
      content,
      naming: fc.boolean(),
      again: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 4 }),
      timeMs,
    })
    .map(({ author, key, content, naming, again, timeMs }) => {
      // The server makes a direct conversation's id of the two: only they can name each other.
      const other = { ann: userOf('bob'), bob: userOf('ann') }[String(author)]
      const more = isDirect && naming && other !== undefined ? { to: other } : {}
      return { again, command: commandOf(id, author, key, content, more), timeMs }
    })
}

function firstCommand(
  id: ConversationId,
  kind: 'direct' | 'group' | 'channel',
  memberIds: Command['authorId'][],
): TimedCommand {
  const key = keyOf(9, 1)
  const command =
    kind === 'direct'
      ? commandOf(id, 'ann', key, { kind: 'send_message', text: 'hi' }, { to: userOf('bob') })
      : commandOf(id, 'ann', key, {
          kind: 'create_conversation',
          conversationKind: kind,
          memberIds,
        })
  return { command, timeMs: 1_000 }
}

function firstMessages(id: ConversationId): TimedCommand[] {
  return ['ann', 'bob', 'ann'].map((author, index) => {
    const attachments = index === 0 ? undefined : [attachmentOf(index)]
    const content = { kind: 'send_message', text: 'hi', attachments } as const
    return { command: commandOf(id, author, keyOf(8, index + 1), content), timeMs: 1_000 }
  })
}

function firstRoles(id: ConversationId, roles: readonly CommandContent[]): TimedCommand[] {
  return roles.map((content, index) => {
    return { command: commandOf(id, 'ann', keyOf(7, index + 1), content), timeMs: 1_000 }
  })
}

function of<const Kind extends CommandContent['kind'], Fields extends object>(
  kind: Kind,
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
): fc.Arbitrary<{ readonly kind: Kind } & { readonly [Key in keyof Fields]: Fields[Key] }> {
  return fc.record(fields).map((values) => ({ kind, ...values }))
}
