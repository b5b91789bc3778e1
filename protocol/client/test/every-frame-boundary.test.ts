import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttachmentId, ConversationEvent } from '../src/index.ts'
import { forReader } from './support/fake-conversation.ts'
import { createTestBench, user } from './support/test-bench.ts'

/** What the scripted session left behind on both ends. */
interface Outcome {
  readonly frames: number
  readonly sessions: number
  readonly heard: readonly ConversationEvent[]
  readonly happened: readonly ConversationEvent[]
  readonly shown: readonly string[]
  readonly applied: readonly string[]
  readonly uploadedText: string
}

const FILE_TEXT = 'thirty bytes of a holiday photo'

/**
 * Alice writes, edits, reacts, uploads, deletes, and reads what bob writes meanwhile. The sockets
 * are cut after so many frames, both directions counted together.
 */
async function runSession(cuts: readonly number[]): Promise<Outcome> {
  const bench = createTestBench()
  const { clock, network, server } = bench
  const conversation = bench.group(['alice', 'bob'], 2)
  const { id } = conversation
  network.cuts = cuts
  const alice = bench.client('alice')
  const connected = alice.connect()
  const trip = alice.conversation(id)
  const heard: ConversationEvent[] = []
  trip.on('event', (event) => {
    heard.push(event)
  })
  const script = async (): Promise<AttachmentId> => {
    await connected
    const first = trip.send({ text: 'first' })
    const second = trip.send({ text: 'second' })
    server.append(id, 'bob', 'bob one')
    const { seq } = await first
    const edit = trip.edit(seq, { text: 'first, edited' })
    const reaction = trip.react(seq, '🎉')
    const photo = alice.upload(new Blob([FILE_TEXT]), { conversationId: id, name: 'photo.jpg' })
    const withPhoto = trip.send({ text: 'Look!', attachments: [photo] })
    const last = trip.send({ text: 'last' })
    server.append(id, 'bob', 'bob two')
    const deletion = trip.delete((await second).seq)
    server.append(id, 'bob', 'bob three')
    await Promise.all([edit, reaction, photo.done, withPhoto, last, deletion])
    return photo.id
  }
  const uploadId = await clock.until(script())
  const head = conversation.seq
  await clock.advanceUntil(() => trip.messages.length > 0 && heard.at(-1)?.seq === head)
  const page = await clock.until(trip.history({ limit: 100 }))
  assert.equal(page.more, false)
  alice.close()
  return {
    frames: network.frames,
    sessions: server.framesOf('hello').length,
    heard,
    happened: conversation.events.map((event) => forReader(event, user('alice'))),
    shown: trip.messages.map(({ text, deleted, local }) =>
      deleted ? '×' : text + (local?.state ?? ''),
    ),
    applied: conversation.applied,
    uploadedText: new TextDecoder().decode(server.uploads.bytesOf(uploadId)),
  }
}

/** Bob's lines, wherever they stand between those of alice. */
const isBobs = (text: string): boolean => text.startsWith('bob ') || text.startsWith('old ')

function assertNothingLost(outcome: Outcome, where: string): void {
  const { heard, happened, shown, applied, uploadedText } = outcome
  const seqs = heard.map(({ seq }) => seq)
  const firstSeq = seqs[0] ?? 0
  assert.ok(firstSeq <= 4, `${where}: events start with ${String(firstSeq)}`)
  assert.deepEqual(
    seqs,
    happened.slice(firstSeq - 1).map(({ seq }) => seq),
    `${where}: heard in order, without holes, each once`,
  )
  assert.deepEqual(
    heard.map(({ authorId, content: { kind } }) => `${authorId} ${kind}`),
    happened.slice(firstSeq - 1).map(({ authorId, content: { kind } }) => `${authorId} ${kind}`),
    where,
  )
  assert.deepEqual(
    shown.filter((text) => !isBobs(text)),
    ['first, edited', '×', 'Look!', 'last'],
    `${where}: shown`,
  )
  assert.deepEqual(
    shown.filter(isBobs),
    ['old 1', 'old 2', 'bob one', 'bob two', 'bob three'],
    `${where}: shown of bob`,
  )
  // Seven commands, each applied once, in the order alice gave them.
  assert.deepEqual(
    applied.map((key) => key.split('.')[1]),
    ['1', '2', '3', '4', '5', '6', '7'],
    `${where}: applied`,
  )
  assert.equal(uploadedText, FILE_TEXT, where)
}

test('a socket cut at any frame loses, doubles and reorders nothing', async () => {
  const whole = await runSession([])
  assertNothingLost(whole, 'uncut')
  assert.ok(whole.frames > 30, `the session takes ${String(whole.frames)} frames`)
  let resumed = 0
  for (let cut = 0; cut < whole.frames; cut++) {
    const outcome = await runSession([cut])
    assertNothingLost(outcome, `cut after frame ${String(cut)}`)
    resumed += outcome.sessions - 1
  }
  // The frame that carries `hello` may itself be the lost one; every other cut costs a second session.
  assert.ok(resumed >= whole.frames - 1, `${String(resumed)} sessions were resumed`)
})

test('a socket cut again soon after it came back loses, doubles and reorders nothing', async () => {
  const whole = await runSession([])
  for (let cut = 0; cut < whole.frames; cut += 3) {
    for (const distance of [1, 2, 5, 9]) {
      const cuts = [cut, cut + distance, cut + 2 * distance]
      assertNothingLost(await runSession(cuts), `cut after frames ${cuts.join(', ')}`)
    }
  }
})
