import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import {
  ChatError,
  newAttachmentId,
  newConversationId,
  newOutboxId,
  type AttachmentReference,
  type CommandResult,
  type RequestedCommand,
} from '@satchel/protocol'
import { openEmbeddedCommandLog } from '../src/adapters/embedded/command-log.ts'
import type { CommandLog, LogEntry } from '../src/ports/command-log.ts'
import type { UnknownOutcome } from '../src/ports/gateway-bus.ts'
import { CommandSubmitter, type CommandLine } from '../src/command-submitter.ts'
import { userNamed } from './support/chat-core-process.ts'
import { eventually } from './support/eventually.ts'
import { ManualClock } from './support/manual-clock.ts'
import { ManualTimers } from './support/manual-timers.ts'

const TRIP = newConversationId('group')
const FULL: UnknownOutcome = { kind: 'unknown', code: 'storage_full', message: 'no space left' }

describe('a line whose earlier command could not be committed', () => {
  it('does not append a message that was still waiting for its attachments', async (t) => {
    const gateway = new Gateway(t)
    const first = gateway.say('first')
    const second = gateway.sendPhoto('second')
    await gateway.answers('first', FULL)
    gateway.findAttachments()
    assert.deepEqual(await codesOf(first, second), ['storage_full', 'restart_required'])
    assert.deepEqual(gateway.log(), ['first'])
  })

  it('appends what is sent again, and nothing of before it behind it', async (t) => {
    const gateway = new Gateway(t)
    const first = gateway.say('first')
    const second = gateway.sendPhoto('second')
    await gateway.answers('first', FULL)
    const again = [gateway.say('first again', true), gateway.say('second again')]
    gateway.findAttachments()
    await gateway.answers('first again')
    await gateway.answers('second again')
    assert.deepEqual(await codesOf(first, second, ...again), [
      'storage_full',
      'restart_required',
      undefined,
      undefined,
    ])
    assert.deepEqual(gateway.log(), ['first', 'first again', 'second again'])
  })
})

describe('a line to thousands of conversations', () => {
  it('still refuses what follows a command that could not be committed', async (t) => {
    const gateway = new Gateway(t)
    const first = gateway.say('first')
    for (let count = 0; count < 3_000; count++) void gateway.sayElsewhere()
    await gateway.answers('first', FULL)
    const second = gateway.say('second')
    assert.deepEqual(await codesOf(first, second), ['storage_full', 'restart_required'])
  })
})

describe('a line that drains', () => {
  it('waits for messages whose attachments are still looked up', async (t) => {
    const gateway = new Gateway(t)
    const sent = gateway.sendPhoto('last')
    let drained = false
    const draining = gateway.submitter.drain().then(() => {
      drained = true
    })
    await eventually(() => assert.equal(gateway.submitter.unanswered, 1))
    assert.equal(drained, false)
    gateway.findAttachments()
    await gateway.answers('last')
    await Promise.all([draining, sent])
  })
})

describe('a line to a log that takes its time', () => {
  it('tells that a command is accepted once it is late, and not before the log has it', async (t) => {
    const log = new SlowLog()
    const gateway = new Gateway(t, log)
    const accepted: string[] = []
    for (const text of ['first', 'second']) void gateway.say(text, false, () => accepted.push(text))
    await log.keeps('second')
    gateway.timers.advance(1_999)
    assert.deepEqual(accepted, [])
    gateway.timers.advance(500)
    assert.deepEqual(accepted, ['second'])
    await log.keeps('first')
    gateway.timers.advance(5_000)
    assert.deepEqual(accepted, ['second', 'first'])
  })

  it('takes the answer for what it is when the log gives the command up later', async (t) => {
    const log = new SlowLog()
    const gateway = new Gateway(t, log)
    const first = gateway.say('first')
    gateway.answer(log.entryOf('first'))
    await first
    await log.givesUp('first')
    const second = gateway.say('second')
    gateway.answer(log.entryOf('second'))
    assert.deepEqual(await codesOf(first, second), [undefined, undefined])
    assert.equal(gateway.submitter.unanswered, 0)
  })
})

describe('a command whose answer does not come', () => {
  it('is unknown after a minute, and what follows needs a restart', async (t) => {
    const gateway = new Gateway(t)
    const first = gateway.say('first')
    const entry = await gateway.inLog('first')
    gateway.timers.advance(61_000)
    assert.deepEqual(await codesOf(first, gateway.say('second')), ['retry', 'restart_required'])
    await gateway.submitter.drain()
    gateway.answer(entry)
    const again = gateway.say('first again', true)
    await gateway.answers('first again')
    assert.deepEqual(await codesOf(again), [undefined])
  })

  it('holds up nobody who has sent it again since', async (t) => {
    const gateway = new Gateway(t)
    const first = gateway.say('first')
    gateway.timers.advance(30_000)
    const again = gateway.say('again', true)
    await gateway.inLog('again')
    gateway.timers.advance(31_000)
    assert.deepEqual(await codesOf(first), ['retry'])
    const next = gateway.say('next')
    for (const text of ['again', 'next']) await gateway.answers(text)
    assert.deepEqual(await codesOf(again, next), [undefined, undefined])
  })

  it('is unknown at once when the server leaves', async (t) => {
    const gateway = new Gateway(t)
    const sent = gateway.say('hello')
    await gateway.inLog('hello')
    const draining = gateway.submitter.drain()
    gateway.submitter.close()
    assert.deepEqual(await codesOf(sent), ['retry'])
    await draining
  })
})

/** A durable log of which a test says when it has a command. */
class SlowLog implements CommandLog {
  readonly durable = true
  readonly partitions = 1
  readonly #appended: (PromiseWithResolvers<undefined> & { readonly entry: LogEntry })[] = []

  append(_partition: number, entry: LogEntry): Promise<void> {
    const appended = { entry, ...Promise.withResolvers<undefined>() }
    this.#appended.push(appended)
    return appended.promise
  }

  read(): never {
    throw new Error('Nobody reads it')
  }

  entryOf(text: string): LogEntry {
    return this.#find(text).entry
  }

  async keeps(text: string): Promise<void> {
    this.#find(text).resolve(undefined)
    await settled()
  }

  async givesUp(text: string): Promise<void> {
    this.#find(text).reject(new ChatError('retry', 'not known'))
    await settled()
  }

  #find(text: string) {
    const found = this.#appended.find(({ entry }) => textOf(entry) === text)
    assert.ok(found, `${text} was not appended`)
    return found
  }
}

/** Lets everybody hear of what has just been settled. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** One gateway's end of a log that nobody owns: a test says what becomes of each command. */
class Gateway {
  readonly timers = new ManualTimers()
  readonly submitter: CommandSubmitter
  readonly #line: CommandLine
  readonly #entries: LogEntry[] = []
  readonly #outbox = newOutboxId()
  readonly #lookUp = Promise.withResolvers<undefined>()
  #counter = 0

  constructor(t: TestContext, commandLog: CommandLog = this.#openEmbeddedLog(t)) {
    this.submitter = new CommandSubmitter({
      commandLog,
      timers: this.timers,
      gatewayId: 'gateway-1',
      bootId: 'boot-1',
      stampAttachments: async () => {
        await this.#lookUp.promise
        return []
      },
      stampReaction: async (_authorId, _conversationId, reaction) => reaction,
      times: { acceptedAfterMs: 2_000, answerWithinMs: 60_000 },
    })
    this.#line = this.submitter.openLine()
  }

  say(text: string, restart?: boolean, onAccepted?: () => void): Promise<CommandResult> {
    return this.#submit({ kind: 'send_message', text }, restart, TRIP, onAccepted)
  }

  sayElsewhere(): Promise<CommandResult> {
    return this.#submit({ kind: 'send_message' }, false, newConversationId('group'))
  }

  /** Its attachments are looked up until `findAttachments` is called. */
  sendPhoto(text: string): Promise<CommandResult> {
    const attachments: AttachmentReference[] = [{ id: newAttachmentId() }]
    return this.#submit({ kind: 'send_message', text, attachments })
  }

  findAttachments(): void {
    this.#lookUp.resolve(undefined)
  }

  /** What the owner says of a message once it is in the log. */
  async answers(text: string, outcome?: UnknownOutcome): Promise<void> {
    this.answer(await this.inLog(text), outcome)
  }

  inLog(text: string): Promise<LogEntry> {
    return eventually(() => {
      const found = this.#entries.find((candidate) => textOf(candidate) === text)
      assert.ok(found, `${text} is not in the log`)
      return found
    })
  }

  answer(entry: LogEntry, outcome?: UnknownOutcome): void {
    assert.ok(entry.answerTo)
    this.submitter.take({
      type: 'answer',
      to: entry.answerTo,
      conversationId: TRIP,
      answer: outcome ?? { kind: 'applied', timeMs: 1 },
    })
  }

  #openEmbeddedLog(t: TestContext): CommandLog {
    const commandLog = openEmbeddedCommandLog({
      clock: new ManualClock(),
      generation: 1,
      partitions: 1,
      turn: () => Promise.resolve(),
    })
    commandLog.read(0, 0, async (record) => {
      if (record.kind === 'commands') this.#entries.push(...record.entries)
    })
    t.after(() => commandLog.close())
    return commandLog
  }

  log(): readonly (string | undefined)[] {
    return this.#entries.map(textOf)
  }

  #submit(
    command: RequestedCommand,
    restart?: boolean,
    conversationId = TRIP,
    onAccepted?: () => void,
  ): Promise<CommandResult> {
    const key = { kind: 'outbox', outbox: this.#outbox, counter: ++this.#counter } as const
    const answer = this.#line.submit({
      authorId: userNamed('alice'),
      conversationId,
      key,
      command,
      restart,
      onAccepted,
    })
    // Awaited later, by whoever asks how it went.
    answer.catch(() => undefined)
    return answer
  }
}

function textOf({ command: { content } }: LogEntry): string | undefined {
  return content.kind === 'send_message' ? content.text : undefined
}

async function codesOf(
  ...answers: readonly Promise<CommandResult>[]
): Promise<readonly (string | undefined)[]> {
  const settled = await Promise.allSettled(answers)
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return undefined
    const reason: unknown = outcome.reason
    return reason instanceof ChatError ? reason.code : String(reason)
  })
}
