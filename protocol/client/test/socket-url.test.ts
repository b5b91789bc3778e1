import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestBench } from './support/test-bench.ts'

for (const url of [
  'ws://localhost:7700/v1/socket',
  'wss://chat.example/v1/socket',
  'wss://example.com/chat/v1/socket',
]) {
  test(`${url} is taken for a socket's url`, () => {
    createTestBench().client('alice', { url }).close()
  })
}

for (const url of [
  'http://localhost:7700/v1/socket',
  'ws://localhost:7700',
  'ws://localhost:7700/v1/socket/',
  'localhost:7700/v1/socket',
  '/v1/socket',
  '',
]) {
  test(`"${url}" is refused as a socket's url, with one that would do`, () => {
    assert.throws(() => createTestBench().client('alice', { url }), {
      name: 'ChatError',
      code: 'bad_request',
      message: /ws:\/\/localhost:7700\/v1\/socket/,
    })
  })
}
