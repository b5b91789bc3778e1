import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseOutboxId,
  parseUserId,
  type MessageBody,
  type ConversationEvent,
  type EventContent,
  type UserId,
} from '@satchel/protocol'
import { newConversationId } from '@satchel/protocol'
import { checkRun, type CheckReport } from '../src/checker.ts'
import { markedText, traceOf, type EventTrace } from '../src/event-trace.ts'
import { BREAKAGES, type Breakage } from '../src/findings.ts'
import { JournalWriter, type History, type JournaledAnswer } from '../src/journal.ts'

const alice = userNamed('alice')
const bob = userNamed('bob')
const conversationId = newConversationId('group')
const outbox = parseOutboxId('AAAAAAA')!

function userNamed(name: string): UserId {
  const id = parseUserId(name)
  assert(id !== undefined)
  return id
}

/** A conversation in the making: what happened, and what alice and bob wrote down. */
class Scene {
  readonly events: EventTrace[] = []
  readonly alice = new JournalWriter('alice-1', alice)
  readonly bob = new JournalWriter('bob-1', bob)
  readonly http = new JournalWriter('http-1', alice)
  #counter = 0

  constructor() {
    this.asks('create_conversation', {
      kind: 'conversation_created',
      conversationKind: 'group',
      memberIds: [alice, bob],
    })
  }

  get head(): number {
    return this.events.length
  }

  key(): string {
    return `${outbox}:${++this.#counter}`
  }

  happens(
    content: EventContent,
    authorId = alice,
    more: Partial<ConversationEvent> = {},
  ): EventTrace {
    const messages = this.events.filter(({ kind }) => kind === 'message_sent').length
    const ordinal = messages + (content.kind === 'message_sent' ? 1 : 0)
    const event = traced(this.head + 1, content, { ordinal, authorId, ...more })
    this.events.push(event)
    return event
  }

  /** What the store gives for a message from now on. */
  reads(message: EventTrace, body: MessageBody): void {
    const { ordinal, authorId } = message
    const read = traced(message.seq, { kind: 'message_sent', body }, { ordinal, authorId })
    this.events[message.seq - 1] = read
  }

  /** Alice edits, and all see it. */
  edits({ seq: target }: EventTrace): { readonly event: EventTrace; readonly body: MessageBody } {
    const key = this.key()
    const body = { version: this.head + 1, text: markedText(key, 'better') }
    const event = this.happens({ kind: 'message_edited', target, body })
    this.sent(key, 'edit_message', { kind: 'applied', seq: event.seq }, target)
    this.shows(this.alice, event)
    this.shows(this.bob, event)
    return { event, body }
  }

  deletes(message: EventTrace): MessageBody {
    const gone = this.asks('delete_message', { kind: 'message_deleted', target: message.seq })
    const body = { version: gone.seq, deleted: true }
    this.reads(message, body)
    return body
  }

  shows(journal: JournalWriter, event: EventTrace): void {
    journal.observes(conversationId, { kind: 'applied', event, atMs: event.seq })
  }

  /** Alice asks for it, it happens, both see it. */
  asks(
    kind:
      'create_conversation' | 'edit_message' | 'delete_message' | 'remove_member' | 'add_members',
    content: EventContent,
  ): EventTrace {
    const event = this.happens(content)
    this.sent(this.key(), kind, { kind: 'applied', seq: event.seq }, event.target)
    this.shows(this.alice, event)
    this.shows(this.bob, event)
    return event
  }

  says(key = this.key(), answer?: JournaledAnswer): EventTrace {
    const event = this.happens(this.message(key))
    this.sent(key, 'send_message', answer ?? { kind: 'applied', seq: event.seq })
    this.shows(this.alice, event)
    this.shows(this.bob, event)
    return event
  }

  message(key: string, version = this.head + 1): EventContent {
    return { kind: 'message_sent', body: { version, text: markedText(key, 'hello') } }
  }

  sent(
    key: string,
    kind: Parameters<JournalWriter['sends']>[0]['kind'],
    answer?: JournaledAnswer,
    target?: number,
  ): void {
    const command = this.alice.sends({ key, conversationId, kind, target, intendedMs: 0 })
    if (answer !== undefined) command.answers.push(answer)
  }

  history(): History {
    const ordinal = this.events.at(-1)?.ordinal ?? 0
    return { conversationId, head: { seq: this.head, ordinal }, events: this.events, isOpen: false }
  }

  check(history: History = this.history()): CheckReport {
    return checkRun([this.alice, this.bob, this.http], [history])
  }
}

function traced(seq: number, content: EventContent, more: Partial<ConversationEvent>): EventTrace {
  const event = { seq, ordinal: 0, timeMs: seq, authorId: alice, content, commandId: undefined }
  return traceOf({ ...event, ...more })
}

function assertOnly(report: CheckReport, expected: Partial<Record<Breakage, number>>): void {
  const found = Object.fromEntries(
    BREAKAGES.filter((name) => report[name] > 0).map((name) => [name, report[name]]),
  )
  assert.deepEqual(found, expected, report.descriptions.join('\n'))
  assert.equal(report.passed, Object.keys(expected).length === 0)
}

test('a run in which all went well has nothing to report', () => {
  const scene = new Scene()
  const [one, other] = [scene.says(), scene.says()]
  scene.reads(one, scene.edits(one).body)
  scene.edits(other)
  scene.deletes(other)
  const report = scene.check()
  assertOnly(report, {})
  assert.equal(report.acknowledged, 6)
  assert.equal(report.shown, 12)
})

test('an acknowledged command that the history does not hold is lost', () => {
  const scene = new Scene()
  scene.says()
  scene.sent(scene.key(), 'send_message', { kind: 'applied', seq: 9 })
  assertOnly(scene.check(), { lost: 1 })
})

test('an acknowledged seq that holds something else is lost, and the other event unexplained', () => {
  const scene = new Scene()
  const stranger = scene.happens(scene.message('BBBBBBB:1'), bob)
  scene.shows(scene.alice, stranger)
  scene.shows(scene.bob, stranger)
  scene.sent(scene.key(), 'send_message', { kind: 'applied', seq: stranger.seq })
  assert.equal(scene.check().lost, 1)
})

test('the end of a history that is gone is lost, and a hole for those who have seen it', () => {
  const scene = new Scene()
  scene.says()
  scene.says()
  const whole = scene.history()
  assertOnly(
    scene.check({ ...whole, head: { seq: 2, ordinal: 1 }, events: whole.events.slice(0, 2) }),
    {
      lost: 1,
      holes: 2,
    },
  )
})

test('a command whose conversation cannot be read any more is lost', () => {
  const scene = new Scene()
  assert.equal(checkRun([scene.alice], []).lost, 1)
})

test('an accepted command that was never decided is lost', () => {
  const scene = new Scene()
  scene.sent(scene.key(), 'send_message', { kind: 'accepted' })
  assertOnly(scene.check(), { lost: 1 })
})

test('a message that is there twice is duplicated', () => {
  const scene = new Scene()
  const key = scene.key()
  scene.says(key)
  const again = scene.happens(scene.message(key))
  scene.shows(scene.alice, again)
  scene.shows(scene.bob, again)
  assert.ok(scene.check().duplicated > 0)
})

test('an event without text that no command explains is duplicated', () => {
  const scene = new Scene()
  const hello = scene.says()
  scene.deletes(hello)
  const again = scene.happens({ kind: 'message_deleted', target: hello.seq })
  scene.shows(scene.alice, again)
  scene.shows(scene.bob, again)
  assertOnly(scene.check(), { duplicated: 1 })
})

test('two commands that were given the same seq are duplicated', () => {
  const scene = new Scene()
  const hello = scene.says()
  scene.http
    .sends({ key: 'other', conversationId, kind: 'send_message', target: undefined, intendedMs: 0 })
    .answers.push({
      kind: 'applied',
      seq: hello.seq,
    })
  assert.equal(scene.check().duplicated, 1)
})

test('a second answer that differs from the first is duplicated', () => {
  const scene = new Scene()
  const hello = scene.says()
  scene.alice.commands.at(-1)?.answers.push({ kind: 'applied', seq: hello.seq + 1 })
  assertOnly(scene.check(), { duplicated: 1 })
})

test('a command of unknown outcome may have happened once or not at all, but not twice', () => {
  const scene = new Scene()
  const key = scene.key()
  const target = scene.says()
  scene.says(key, { kind: 'unknown', code: 'retry' })
  scene.sent(scene.key(), 'send_message', { kind: 'unknown', code: 'retry' })
  const gone = scene.happens({ kind: 'message_deleted', target: target.seq })
  scene.sent(scene.key(), 'delete_message', undefined, target.seq)
  scene.reads(target, { version: gone.seq, deleted: true })
  scene.shows(scene.alice, gone)
  scene.shows(scene.bob, gone)
  const report = scene.check()
  assertOnly(report, {})
  assert.equal(report.unknown, 3)
  const again = scene.happens({ kind: 'message_deleted', target: target.seq })
  scene.shows(scene.alice, again)
  scene.shows(scene.bob, again)
  assertOnly(scene.check(), { duplicated: 1 })
})

test('a refused command that took effect is resurrected', () => {
  const scene = new Scene()
  scene.says(scene.key(), { kind: 'rejected', code: 'not_allowed' })
  assertOnly(scene.check(), { resurrected: 1 })
})

test('commands that overtook each other are reordered', () => {
  const scene = new Scene()
  const [first, second] = [scene.key(), scene.key()]
  const early = scene.happens(scene.message(second))
  const late = scene.happens(scene.message(first))
  scene.sent(first, 'send_message', { kind: 'applied', seq: late.seq })
  scene.sent(second, 'send_message', { kind: 'applied', seq: early.seq })
  for (const event of [early, late]) {
    scene.shows(scene.alice, event)
    scene.shows(scene.bob, event)
  }
  assertOnly(scene.check(), { reordered: 1 })
})

test('a seq that is missing in the history is a hole', () => {
  const scene = new Scene()
  scene.says()
  scene.says()
  const whole = scene.history()
  const events = whole.events.filter(({ seq }) => seq !== 2)
  const { holes, lost } = scene.check({ ...whole, events })
  assert.ok(holes > 0)
  assert.equal(lost, 1)
})

test('an ordinal that does not count the messages is a hole', () => {
  const scene = new Scene()
  const wrong = scene.happens(scene.message(scene.key()), alice, { ordinal: 5 })
  scene.sent(`${outbox}:2`, 'send_message', { kind: 'applied', seq: wrong.seq })
  scene.shows(scene.alice, wrong)
  scene.shows(scene.bob, wrong)
  assertOnly(scene.check(), { holes: 1 })
})

test('a reader who skipped an event has a hole', () => {
  const scene = new Scene()
  const missed = scene.says()
  scene.says()
  const seen = scene.bob.observations.get(conversationId)!
  seen.splice(
    seen.findIndex((one) => 'event' in one && one.event === missed),
    1,
  )
  assertOnly(scene.check(), { holes: 1 })
})

test('a reader who never heard of the last event has a hole', () => {
  const scene = new Scene()
  scene.says()
  scene.bob.observations.get(conversationId)?.pop()
  assertOnly(scene.check(), { holes: 1 })
})

test('a reader who was told to have everything and has not has a hole', () => {
  const scene = new Scene()
  const seen = scene.bob.observations.get(conversationId)!
  seen.push({ kind: 'replayed', seq: 2 })
  scene.says()
  assertOnly(scene.check(), { holes: 1 })
})

test('who was told that the gap is too large may begin anew behind it', () => {
  const scene = new Scene()
  for (let count = 0; count < 3; count++) scene.says()
  const seen = scene.bob.observations.get(conversationId)!
  seen.splice(1, 2, { kind: 'reset', seq: 3 })
  assertOnly(scene.check(), {})
})

test('a server that has less than what it has shown has lost it', () => {
  const scene = new Scene()
  scene.says()
  scene.bob.observes(conversationId, { kind: 'reset', seq: 1 })
  assertOnly(scene.check(), { lost: 1, holes: 1 })
})

test('who left and came back sees nothing of the time between', () => {
  const scene = new Scene()
  scene.asks('remove_member', { kind: 'member_removed', userId: bob })
  const between = scene.says()
  const back = scene.asks('add_members', { kind: 'members_added', userIds: [bob] })
  const seen = scene.bob.observations.get(conversationId)!
  assertOnly(scene.check(), { leaked: 1 })
  assertOnly(scene.check({ ...scene.history(), isOpen: true }), {})
  seen.splice(
    seen.findIndex((one) => 'event' in one && one.event === between),
    1,
  )
  assertOnly(scene.check(), {})
  seen.splice(
    seen.findIndex((one) => 'event' in one && one.event === back),
    1,
  )
  assertOnly(scene.check(), { holes: 1 })
})

test('an event that is another one for another reader diverges', () => {
  const scene = new Scene()
  const hello = scene.says()
  const seen = scene.bob.observations.get(conversationId)!
  seen.push({ kind: 'repeated', event: { ...hello, immutable: 'another' } })
  assertOnly(scene.check(), { diverged: 1 })
})

test('the same version of a text with other words diverges', () => {
  const scene = new Scene()
  const hello = scene.says()
  const parts = hello.parts.map((part) => ({ ...part, hash: 'another' }))
  scene.bob.observes(conversationId, { kind: 'repeated', event: { ...hello, parts } })
  assertOnly(scene.check(), { diverged: 1 })
})

test('a reader who is shown an older text after a newer one is taken back', () => {
  const scene = new Scene()
  const hello = scene.says()
  scene.reads(hello, scene.edits(hello).body)
  scene.bob.observes(conversationId, { kind: 'repeated', event: hello })
  assertOnly(scene.check(), { regressed: 1 })
})

test('an edit of a deleted message is told, and passed over', () => {
  const scene = new Scene()
  const hello = scene.says()
  const deleted = scene.deletes(hello)
  const { event } = scene.edits(hello)
  const { seq, ordinal } = event
  const replayed = traced(
    seq,
    { kind: 'message_edited', target: hello.seq, body: deleted },
    { ordinal },
  )
  scene.bob.observes(conversationId, { kind: 'repeated', event: replayed })
  assertOnly(scene.check(), {})
})

test('a message that reads as before its last edit, or as if it were there, has lost it', () => {
  const scene = new Scene()
  const [hello, other] = [scene.says(), scene.says()]
  scene.asks('delete_message', { kind: 'message_deleted', target: hello.seq })
  scene.edits(other)
  assertOnly(scene.check(), { lost: 2 })
})

test('a message shows the reactions its events leave, and no others', () => {
  const scene = new Scene()
  const hello = scene.says()
  const reacts = (content: { readonly emoji: string; readonly removed?: true }): void => {
    const event = scene.happens({ kind: 'reaction_changed', target: hello.seq, ...content })
    scene.sent(scene.key(), 'react', { kind: 'applied', seq: event.seq }, hello.seq)
    scene.shows(scene.alice, event)
    scene.shows(scene.bob, event)
  }
  reacts({ emoji: '👍' })
  reacts({ emoji: '🎉' })
  reacts({ emoji: '👍', removed: true })
  assertOnly(scene.check(), { lost: 1 })
  scene.events[hello.seq - 1] = { ...hello, reactions: ['🎉 alice'] }
  assertOnly(scene.check(), {})
  scene.events[hello.seq - 1] = { ...hello, reactions: ['🎉 alice', '👍 alice'] }
  assertOnly(scene.check(), { lost: 1 })
})

test('the latency is counted from when a command should have been sent', () => {
  const scene = new Scene()
  const event = scene.happens(scene.message(scene.key()))
  const command = {
    key: `${outbox}:2`,
    conversationId,
    kind: 'send_message',
    target: undefined,
    intendedMs: 100,
  } as const
  scene.alice.sends(command).answers.push({ kind: 'applied', seq: event.seq })
  scene.bob.observes(conversationId, { kind: 'applied', event, atMs: 350 })
  scene.shows(scene.alice, event)
  assert.equal(scene.check().latencyMs.max, 350 - 100)
})
