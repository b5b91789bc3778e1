import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conversationIdFrom } from '@satchel/protocol'
import { contentHashOf, PARTITION_HASH, partitionOf } from '../../src/domain/index.ts'
import { fnv1a64 } from '../../src/domain/fnv.ts'
import { arbitraryContent } from './arbitrary-commands.ts'
import { attachmentOf, idOf, userOf } from './conversation-run.ts'

// Golden: what is stored with these values has to be found again by every later release.
const GOLDEN_PARTITIONS = [
  [6, 966, 576430],
  [3, 771, 416617],
  [12, 204, 338608],
]
const GOLDEN_HASHES = [2483031991, 558970221, 3795493900]

test('partitions of known conversations never change', () => {
  assert.equal(PARTITION_HASH, 'fnv1a64-conversation-id')
  const ids = [idOf('direct', 1), idOf('group', 2), idOf('channel', 255)]
  assert.deepEqual(
    ids.map((id) => [64, 1_024, 1_000_003].map((partitions) => partitionOf(id, partitions))),
    GOLDEN_PARTITIONS,
  )
})

test('the partition hash gives the published values of FNV-1a', () => {
  const published = { '': 'cbf29ce484222325', a: 'af63dc4c8601ec8c', foobar: '85944171f73967e8' }
  for (const [text, hash] of Object.entries(published)) assert.equal(hexOf(fnv1a64(text)), hash)
})

test('a partition is the 64-bit hash modulo their number, whatever the number', () => {
  const arbitraryId = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => conversationIdFrom('group', bytes))
  fc.assert(
    fc.property(arbitraryId, fc.integer({ min: 1, max: 2 ** 20 }), (id, partitions) => {
      let hash = 0xcbf29ce484222325n
      for (const byte of new TextEncoder().encode(id))
        hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
      assert.equal(partitionOf(id, partitions), Number(hash % BigInt(partitions)))
    }),
  )
})

test('ids that differ in one byte spread over all partitions', () => {
  const counts = new Map<number, number>()
  for (let number = 0; number < 16_384; number++) {
    const bytes = new Uint8Array(16)
    bytes[14] = number >> 8
    bytes[15] = number
    const partition = partitionOf(conversationIdFrom('group', bytes), 64)
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
  }
  assert.equal(counts.size, 64)
  for (const count of counts.values()) assert.ok(count > 128 && count < 512, `${count} of 256`)
})

test('content hashes of known commands never change', () => {
  assert.deepEqual(
    [
      contentHashOf({ kind: 'leave_conversation' }),
      contentHashOf({ kind: 'send_message', text: 'Grüße 🎉', mentions: [userOf('bob')] }),
      contentHashOf({ kind: 'send_message', attachments: [attachmentOf(1, { alt: 'a tree' })] }),
    ],
    GOLDEN_HASHES,
  )
})

test('a hash does not depend on the order of fields, nor on absent ones', () => {
  const data = { a: 1, b: { c: [true, null], d: 'x' } }
  const turned = { b: { d: 'x', c: [true, null] }, a: 1 }
  assert.equal(
    contentHashOf({ kind: 'send_message', text: 'hi', data, replyTo: undefined }),
    contentHashOf({ data: turned, text: 'hi', kind: 'send_message' }),
  )
})

test('what the gateway learns between two tries does not change the hash', () => {
  const like = { kind: 'react', target: 2, emoji: '👍' } as const
  assert.equal(contentHashOf(like), contentHashOf({ ...like, byFollower: true }))
  const first = attachmentOf(1, { alt: 'a tree', state: 'uploading' })
  const later = attachmentOf(1, { alt: 'a tree', state: 'ready', version: 7, width: 100 })
  const other = attachmentOf(1, { alt: 'a house', state: 'uploading' })
  const hashOf = (attachment: typeof first) =>
    contentHashOf({ kind: 'send_message', attachments: [attachment] })
  assert.equal(hashOf(first), hashOf(later))
  assert.notEqual(hashOf(first), hashOf(other))
})

test('different commands have different hashes', () => {
  fc.assert(
    fc.property(arbitraryContent, arbitraryContent, (one, other) => {
      fc.pre(JSON.stringify(worded(one)) !== JSON.stringify(worded(other)))
      assert.notEqual(contentHashOf(one), contentHashOf(other))
    }),
  )
  const split = (mentions: string[]) =>
    contentHashOf({ kind: 'send_message', text: '', mentions: mentions.map(userOf) })
  assert.notEqual(split(['ab', 'c']), split(['a', 'bc']))
})

/** Without what the hash leaves out. */
function worded(content: Parameters<typeof contentHashOf>[0]): unknown {
  if (content.kind === 'react') return { ...content, byFollower: undefined }
  if (content.kind !== 'send_message') return content
  return { ...content, attachments: content.attachments?.map(({ id }) => id) }
}

function hexOf([high, low]: readonly [number, number]): string {
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('')
}
