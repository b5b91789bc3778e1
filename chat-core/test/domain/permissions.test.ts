import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type {
  ConversationEvent,
  ConversationKind,
  ConversationSettings,
  UserId,
} from '@satchel/protocol'
import { PERMISSIONS, REMOVABLE } from '../../src/domain/index.ts'
import type { Command, Grant } from '../../src/domain/index.ts'
import { arbitraryStory } from './arbitrary-commands.ts'
import {
  channelOf,
  ConversationRun,
  directOf,
  fillTo,
  groupOf,
  userOf,
} from './conversation-run.ts'

type Verdict = 'not_a_member' | 'not_allowed' | 'fine'

test('who may do what is as the specification says it in words', () => {
  fc.assert(
    fc.property(arbitraryStory(), ({ id, commands }) => {
      const run = new ConversationRun(id)
      const witness = new Witness()
      for (const { command, timeMs } of commands) {
        const expected = witness.judge(command)
        const { answer, repeated, events } = run.apply(command, timeMs)
        const code = answer.kind === 'rejected' ? answer.code : undefined
        const isJudged =
          !repeated && code !== 'outbox_conflict' && code !== 'too_late' && !witness.deleted
        if (isJudged && expected !== undefined) {
          const refused = code === 'not_a_member' || code === 'not_allowed' ? code : 'fine'
          assert.equal(refused, expected, `${command.authorId} ${command.content.kind}`)
        }
        for (const event of events) witness.see(event)
      }
    }),
    { numRuns: 500, includeErrorInReport: true },
  )
})

test('the document shows the same tables', () => {
  const text = readFileSync(new URL('../../../docs/PERMISSIONS.md', import.meta.url), 'utf8')
  const rows = Object.entries(PERMISSIONS).map(
    ([action, { owner, admin, member, peer, follower }]) =>
      [`\`${action}\``, ...[owner, admin, member, peer, follower].map(shown)] as const,
  )
  assert.deepEqual(tableIn(text, '| action'), rows)
  const removable = Object.entries(REMOVABLE).map(([role, roles]) => [
    role,
    roles.length === 0 ? 'nobody' : roles.join(', '),
  ])
  assert.deepEqual(tableIn(text, '| role'), removable)
})

test('a member of a large group cannot address everybody at once, an admin can', () => {
  const run = groupOf('ann', 'bob')
  const call = { kind: 'send_message', text: 'now', mentionAll: true } as const
  fillTo(run, 'ann', 256)
  assert.equal(run.refusal('bob', call), undefined)
  fillTo(run, 'ann', 257)
  assert.equal(run.refusal('bob', call), 'not_allowed')
  assert.equal(run.refusal('ann', call), undefined)
})

test('somebody who follows a channel may react there and nothing else', () => {
  const run = channelOf('ann')
  const target = run.say('ann', 'news')
  const like = { kind: 'react', target, emoji: '👍' } as const
  assert.equal(run.refusal('reader', { ...like, byFollower: true }), undefined)
  assert.equal(run.refusal('somebody', like), 'not_a_member')
  assert.equal(run.refusal('reader', { kind: 'send_message', text: 'hi' }), 'not_a_member')
  assert.equal(run.refusal('reader', { kind: 'delete_message', target }), 'not_a_member')
})

test('nobody can be added to, removed from, or leave a direct conversation', () => {
  const run = directOf('ann', 'bob')
  const others = { kind: 'add_members', userIds: [userOf('cy')] } as const
  assert.equal(run.refusal('ann', others), 'not_allowed')
  assert.equal(run.refusal('ann', { kind: 'remove_member', userId: userOf('bob') }), 'not_allowed')
  assert.equal(run.refusal('bob', { kind: 'leave_conversation' }), 'not_allowed')
})

test('where the setting says so, clients may not create conversations, but the server key may', () => {
  const settings = {
    clientsMayCreateGroups: false,
    historyForNewcomers: false,
    eraseBlanksMessages: false,
  }
  const create = { kind: 'create_conversation', conversationKind: 'group' } as const
  const { id } = groupOf('ann')
  const run = new ConversationRun(id)
  assert.equal(run.refusal('ann', create, { settings }), 'not_allowed')
  assert.equal(run.state, undefined)
  assert.equal(run.refusal('ann', create, { settings, byServer: true }), undefined)
})

/** Knows a conversation from its events alone, and the specification's sentences on who may do what. */
class Witness {
  readonly #roles = new Map<UserId, string>()
  readonly #authors = new Map<number, UserId>()
  #kind: ConversationKind = 'group'
  #settings: ConversationSettings = {}
  #exists = false
  deleted = false

  /** `undefined` where something else comes before the question. */
  judge({ authorId, content }: Command): Verdict | undefined {
    if (!this.#exists || content.kind === 'create_conversation') return undefined
    // Only the server and its workers ask these.
    if (content.kind === 'erase_user' || content.kind === 'attachment_result') return 'fine'
    if (content.kind === 'blank_message')
      return this.#isNobodysOr(authorId, content.target) ? 'fine' : 'not_allowed'
    const role = this.#roles.get(authorId)
    if (role === undefined) {
      const isFollower = content.kind === 'react' && content.byFollower === true
      if (this.#kind === 'channel' && isFollower) return 'fine'
      // A direct conversation takes back who is one of its two.
      if (this.#kind === 'direct' && content.kind === 'send_message') return undefined
      return 'not_a_member'
    }
    if (!this.#judgeMember(authorId, role, content)) return 'not_allowed'
    const isOfStranger = content.kind === 'set_role' && !this.#roles.has(content.userId)
    return isOfStranger ? 'not_a_member' : 'fine'
  }

  #judgeMember(authorId: UserId, role: string, content: Command['content']): boolean {
    const isDirect = this.#kind === 'direct'
    const leads = !isDirect && (role === 'owner' || role === 'admin')
    switch (content.kind) {
      case 'send_message':
        return (
          content.mentionAll !== true ||
          this.#kind !== 'channel' ||
          leads ||
          !this.#isSound(content)
        )
      case 'edit_message':
        return this.#isNobodysOr(authorId, content.target)
      case 'delete_message':
        return leads || this.#isNobodysOr(authorId, content.target)
      case 'pin_message':
      case 'unpin_message':
        return isDirect || leads || this.#settings.membersCanPin === true
      case 'add_members':
        return !isDirect && (leads || this.#settings.membersCanAdd === true)
      case 'update_conversation':
        return !isDirect && leads
      case 'leave_conversation':
        return !isDirect
      case 'remove_member': {
        if (isDirect) return false
        if (content.userId === authorId) return true
        const other = this.#roles.get(content.userId)
        return role === 'owner' || (role === 'admin' && (other === 'member' || other === undefined))
      }
      case 'set_role':
      case 'delete_conversation':
        return !isDirect && role === 'owner'
      default:
        return true
    }
  }

  see({ seq, authorId, content }: ConversationEvent): void {
    this.#exists = true
    switch (content.kind) {
      case 'conversation_created':
        this.#kind = content.conversationKind
        this.#settings = content.settings ?? {}
        for (const userId of content.memberIds)
          this.#roles.set(userId, userId === authorId ? 'owner' : 'member')
        break
      case 'conversation_updated':
        this.#settings = content.settings ?? {}
        break
      case 'conversation_deleted':
        this.deleted = true
        break
      case 'members_added':
        for (const userId of content.userIds) this.#roles.set(userId, 'member')
        break
      case 'member_removed':
      case 'user_erased':
        this.#roles.delete(content.userId)
        break
      case 'member_left':
        this.#roles.delete(authorId)
        break
      case 'role_changed':
        this.#roles.set(content.userId, content.role)
        break
      case 'message_sent':
        this.#authors.set(seq, authorId)
        break
      default:
        break
    }
  }

  #isNobodysOr(userId: UserId, seq: number): boolean {
    return (this.#authors.get(seq) ?? userId) === userId
  }

  /** Form is looked at before the right to mention everybody. */
  #isSound(content: Extract<Command['content'], { kind: 'send_message' }>): boolean {
    const { text = '', attachments = [], replyTo } = content
    const ids = new Set(attachments.map(({ id }) => id))
    return (
      (text !== '' || attachments.length > 0) &&
      ids.size === attachments.length &&
      (replyTo === undefined || this.#authors.has(replyTo))
    )
  }
}

/** How the document words a grant. */
function shown(grant: Grant): string {
  const words = { yes: 'yes', no: 'no', small: 'when small' } as const
  return grant === 'membersCanAdd' || grant === 'membersCanPin' ? `\`${grant}\`` : words[grant]
}

/** The cells of the rows below the header that starts with `header`. */
function tableIn(markdown: string, header: string): string[][] {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => line.startsWith(header))
  assert.notEqual(start, -1, `no table starts with ${header}`)
  const rows = lines.slice(start + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end === -1 ? rows.length : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
