import type { ChatClientOptions } from '../../src/index.ts'
import { createTestBench } from './test-bench.ts'

/** A file as a browser gives it. */
export function fileOf(text: string, name = 'fox.txt') {
  const blob = new Blob([text], { type: 'text/plain' })
  return { name, type: blob.type, size: blob.size, slice: blob.slice.bind(blob) }
}

/** Alice, connected, in a group with bob; `objects` is where her files go. */
export async function createUploadScene(options: Partial<ChatClientOptions> = {}) {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'])
  const alice = bench.client('alice', options)
  await bench.clock.until(alice.connect())
  return { ...bench, id, alice, trip: alice.conversation(id), objects: bench.server.uploads }
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
