import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConversationEvent, Seq, UserId } from '@satchel/protocol'
import { decide, stateFrom } from '../../src/domain/index.ts'
import type { ConversationRow } from '../../src/domain/index.ts'
import { rowsOf } from '../support/rows-of.ts'
import { arbitraryStory } from './arbitrary-commands.ts'
import type { Story } from './arbitrary-commands.ts'
import { ConversationRun } from './conversation-run.ts'
import { deepFreeze } from './deep-freeze.ts'

// A failure prints fast-check's seed and path; give them to `fc.assert` to see it again.
const RUNS = { numRuns: 300, includeErrorInReport: true }

test('events are numbered 1, 2, 3 … without a gap, and count messages as they go', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const { events, head } = play(story)
      let ordinal = 0
      let timeMs = 0
      for (const [index, event] of events.entries()) {
        if (event.content.kind === 'message_sent') ordinal++
        assert.equal(event.seq, index + 1)
        assert.equal(event.ordinal, ordinal)
        assert.ok(event.timeMs >= timeMs, 'time goes back')
        timeMs = event.timeMs
      }
      assert.deepEqual([head.seq, head.ordinal, head.timeMs], [events.length, ordinal, timeMs])
    }),
    RUNS,
  )
})

test('a decision’s answer names the seq of an event of its own, and nothing follows a refusal', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      for (const { answer, repeated, events, rows, jobs, reactions } of play(story).decisions) {
        const effects = [...events, ...jobs, ...reactions]
        if (repeated) assert.deepEqual([...effects, ...rows], [])
        else if (answer.kind === 'rejected') {
          assert.deepEqual(effects, [])
          assert.ok(rows.every(({ row }) => row === 'outbox' || row === 'idempotency'))
        } else if (answer.seq === undefined) assert.deepEqual(events, [])
        else assert.ok(events.some(({ seq }) => seq === answer.seq))
      }
    }),
    RUNS,
  )
})

test('the same commands give the same decisions and the same rows', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const one = play(story)
      const other = play(story)
      assert.deepEqual(other.decisions, one.decisions)
      assert.deepEqual(other.state, one.state)
    }),
    RUNS,
  )
})

test('a snapshot taken at any position continues exactly as if it had not been taken', () => {
  fc.assert(
    fc.property(arbitraryStory(), fc.nat(), fc.nat(), (story, position, order) => {
      const whole = play(story)
      const cut = 1 + (position % story.commands.length)
      const before = play({ ...story, commands: story.commands.slice(0, cut) })
      const rows = shuffled(jsonCopy(rowsOf(requireState(before))), order)
      const after = new ConversationRun(story.id, stateFrom(story.id, rows), before)
      for (const { command, timeMs } of story.commands.slice(cut)) after.apply(command, timeMs)
      assert.deepEqual(after.decisions, whole.decisions.slice(cut))
      assert.deepEqual(after.state, whole.state)
    }),
    RUNS,
  )
})

test('deciding changes neither the state nor the command nor the context', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const run = new ConversationRun(story.id)
      for (const { command, timeMs } of story.commands) {
        // Its own copy: the run's state has to go on changing.
        const state = run.state && stateFrom(story.id, structuredClone(rowsOf(run.state)))
        const context = deepFreeze(run.contextOf(command, timeMs))
        const decision = decide(deepFreeze(state), deepFreeze(command), context)
        assert.deepEqual(deepFreeze(run.apply(command, timeMs)), decision)
      }
    }),
    RUNS,
  )
})

test('the events alone tell who is a member with which role, what is pinned and what it is called', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const { events, state } = play(story)
      assert.ok(state)
      const told = fold(events)
      const roles = [...state.members].map(([userId, { role }]) => [userId, role] as const)
      const kind = state.head.kind
      assert.deepEqual(new Map(roles), kind === 'direct' ? plain(told.roles) : told.roles)
      assert.deepEqual(state.pins, told.pins)
      assert.equal(state.details.title, told.title)
      assert.equal(state.head.memberCount, state.members.size)
      assert.equal(state.head.membershipSeq, told.membershipSeq)
      assert.equal(state.head.deleted, told.deleted)
    }),
    RUNS,
  )
})

test('a conversation with members keeps an owner, whatever is asked of it', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const run = new ConversationRun(story.id)
      for (const { command, timeMs } of story.commands) {
        run.apply(command, timeMs)
        if (run.state === undefined || run.head.kind === 'direct' || run.members.size === 0)
          continue
        assert.ok([...run.members.values()].some(({ role }) => role === 'owner'))
      }
    }),
    RUNS,
  )
})

function play({ id, commands }: Story): ConversationRun {
  const run = new ConversationRun(id)
  for (const { command, timeMs } of commands) run.apply(command, timeMs)
  return run
}

function requireState({ state }: ConversationRun): NonNullable<typeof state> {
  assert.ok(state)
  return state
}

function jsonCopy(rows: readonly ConversationRow[]): ConversationRow[] {
  return JSON.parse(JSON.stringify(rows)) as ConversationRow[]
}

/** Another order of the same rows: stores give them by key, not as they were written. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  return items
    .map((item, index) => ({ item, place: Math.imul(index + seed + 1, 0x9e3779b1) >>> 0 }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

interface Told {
  readonly roles: Map<UserId, string>
  pins: Seq[]
  title: string | undefined
  membershipSeq: Seq
  deleted: boolean
}

/** What a client knows that has seen every event. */
function fold(events: readonly ConversationEvent[]): Told {
  const told: Told = {
    roles: new Map(),
    pins: [],
    title: undefined,
    membershipSeq: 0,
    deleted: false,
  }
  for (const event of events) {
    const before = [...told.roles.keys()].join()
    take(told, event)
    const { kind } = event.content
    if ([...told.roles.keys()].join() !== before || kind === 'conversation_deleted')
      told.membershipSeq = event.seq
  }
  return told
}

function take(told: Told, { authorId, content }: ConversationEvent): void {
  switch (content.kind) {
    case 'conversation_created':
      for (const userId of content.memberIds)
        told.roles.set(userId, userId === authorId ? 'owner' : 'member')
      told.title = content.title
      break
    case 'conversation_updated':
      told.title = content.title
      break
    case 'conversation_deleted':
      told.roles.clear()
      told.pins = []
      told.title = undefined
      told.deleted = true
      break
    case 'members_added':
      for (const userId of content.userIds) told.roles.set(userId, 'member')
      break
    case 'member_removed':
    case 'user_erased':
      told.roles.delete(content.userId)
      break
    case 'member_left':
      told.roles.delete(authorId)
      break
    case 'role_changed':
      told.roles.set(content.userId, content.role)
      break
    case 'message_pinned':
      told.pins.push(content.target)
      break
    case 'message_unpinned':
    case 'message_deleted':
      told.pins = told.pins.filter((seq) => seq !== content.target)
      break
    default:
      break
  }
}

/** The two of a direct conversation are both plain members. */
function plain(roles: ReadonlyMap<UserId, string>): Map<UserId, string> {
  return new Map([...roles.keys()].map((userId) => [userId, 'member']))
}
