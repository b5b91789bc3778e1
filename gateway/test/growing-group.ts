import assert from 'node:assert/strict'
import type { ConversationId, RequestedCommand, UserId } from '@satchel/protocol'
import type { GatewayMessage, Heads } from '@satchel/chat-core/ports'
import { eventually } from './eventually.ts'
import type { SocketClient } from './socket-client.ts'
import type { TestGateway } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const SEED = 20_261_127
/** Of what the bus brings to each gateway, this share gets lost. */
const LOST = 0.15

interface Stay {
  readonly from: number
  /** The event that ended it, if one did. */
  to: number
}

/** A cluster without limits of rate, in the middle of its life. */
export interface GrowthDeps {
  readonly one: TestGateway
  readonly other: TestGateway
  readonly heads: Pick<Heads, 'read'>
}

/**
 * One group from 250 to 300 and down to 190 members, while people talk and the bus loses: everybody gets
 * what is for them, and nobody anything else.
 */
export async function growAndShrink({ one, other, heads }: GrowthDeps): Promise<void> {
  const random = seeded(SEED)
  const loses = ({ type }: GatewayMessage): boolean =>
    (type === 'events' || type === 'head') && random() < LOST
  const speaker = await one.signIn('speaker')
  const room = new Room(speaker, await speaker.group())
  await room.add(peopleOf(1, 249))
  const readers = new Map<number, SocketClient>()
  // From the first, from the last, and from those to come.
  for (const n of [1, 2, 3, 40, 80, 120, 160, 200, 240, 249, 250, 255, 256, 270, 280, 299])
    readers.set(n, await gatewayOf(n, [one, other]).signIn(nameOf(n)))
  for (const { weather } of [one, other]) weather.loses = loses
  await room.talk(20)
  for (let n = 250; n < 300; n += 5) {
    await room.add(peopleOf(n, n + 4))
    await room.talk(3)
  }
  await room.talk(20)
  speaker.send({ type: 'activity', conversationId: room.id, activity: 'typing' })
  for (let n = 100; n < 210; n++) {
    await room.remove(userIdOf(nameOf(n)))
    if (n % 3 === 0) await room.talk(1)
  }
  await room.talk(20)
  const [head] = await heads.read([room.id])
  assert.ok(head !== undefined && head !== 'unreachable')
  assert.deepEqual([head.memberCount, head.fanout], [190, 'small'])
  for (const { weather } of [one, other]) weather.loses = () => false
  await room.talk(1)
  for (const [n, client] of readers) {
    const { from, to } = room.stays.get(userIdOf(nameOf(n))) ?? { from: Infinity, to: 0 }
    const first = n <= 249 ? room.firstTold : from
    const last = Math.min(to, room.lastSeq)
    await eventually(
      `${nameOf(n)} has ${first} to ${last}`,
      () => client.seqs(room.id).at(-1) === last,
      15_000,
    )
    const expected = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    assert.deepEqual(client.seqs(room.id), expected, nameOf(n))
    assert.deepEqual(client.of('activity'), [])
  }
  // Small again, its members hear of each other as they did.
  const [near, far] = [readers.get(2), readers.get(3)]
  speaker.send({ type: 'activity', conversationId: room.id, activity: 'recording' })
  for (const client of [near, far]) {
    assert.ok(client !== undefined)
    await client.until('activity', ({ activity }) => activity === 'recording')
  }
}

/** One conversation, and what its history says of who was there when. */
export class Room {
  readonly id: ConversationId
  readonly stays = new Map<UserId, Stay>()
  /** The first event after everybody who was there at first had signed in. */
  firstTold = Infinity
  lastSeq = 1
  readonly #speaker: SocketClient

  constructor(speaker: SocketClient, id: ConversationId) {
    this.#speaker = speaker
    this.id = id
  }

  async add(people: readonly UserId[]): Promise<void> {
    for (let at = 0; at < people.length; at += 50) {
      const userIds = people.slice(at, at + 50)
      const seq = await this.#ask({ kind: 'add_members', userIds })
      for (const userId of userIds) this.stays.set(userId, { from: seq, to: Infinity })
    }
  }

  async remove(userId: UserId): Promise<void> {
    const seq = await this.#ask({ kind: 'remove_member', userId })
    const stay = this.stays.get(userId)
    if (stay !== undefined) stay.to = seq
  }

  async talk(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const seq = await this.#ask({ kind: 'send_message', text: `number ${n}` })
      this.firstTold = Math.min(this.firstTold, seq)
    }
  }

  async #ask(command: RequestedCommand): Promise<number> {
    const { seq } = await this.#speaker.command({ conversationId: this.id }, command)
    assert.ok(seq !== undefined)
    this.lastSeq = seq
    return seq
  }
}

function gatewayOf(n: number, [one, other]: readonly [TestGateway, TestGateway]): TestGateway {
  return n % 2 === 0 ? one : other
}

export function nameOf(n: number): string {
  return `person-${String(n).padStart(3, '0')}`
}

export function peopleOf(from: number, to: number): readonly UserId[] {
  return Array.from({ length: to - from + 1 }, (_, index) => userIdOf(nameOf(from + index)))
}

/** The same numbers from 0 to 1 each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
