import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { growAndShrink, nameOf, peopleOf, Room } from './growing-group.ts'
import { openTestCluster } from './test-cluster.ts'

const environment = { SATCHEL_LIMITS: 'off' }

test('250, 300, 190 members: everybody gets what is for them, and nobody anything else', async (context) => {
  const { one, other, backend } = await openTestCluster(context, { environment })
  await growAndShrink({ one, other, heads: backend.heads })
})

test('a gateway that missed that a group became large hears of it while nobody is quiet', async (context) => {
  // The owner tells all members once in half a minute.
  const { one, other } = await openTestCluster(context, { environment, ownerHaste: 20 })
  const speaker = await one.signIn('speaker')
  const room = new Room(speaker, await speaker.group())
  await room.add(peopleOf(1, 250))
  const reader = await other.signIn(nameOf(1))
  other.weather.loses = (message) =>
    (message.type === 'events' || message.type === 'head') && message.userIds !== undefined
  await room.add(peopleOf(251, 260))
  await room.talk(1)
  other.weather.loses = () => false
  await eventually('the reader gets what is said', async () => {
    const before = room.lastSeq
    await room.talk(1)
    return (reader.seqs(room.id).at(-1) ?? 0) >= before
  })
  await eventually('and the rest', () => reader.seqs(room.id).at(-1) === room.lastSeq)
  const seqs = reader.seqs(room.id)
  const first = seqs[0] ?? 0
  assert.deepEqual(
    seqs,
    Array.from({ length: room.lastSeq - first + 1 }, (_, index) => first + index),
  )
})
