import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headers } from 'nats'
import {
  parsePublishOutcome,
  type PublishOutcome,
} from '../../../src/adapters/nats/publish-outcome.ts'

function outcomeOf(text: string, status?: number): PublishOutcome {
  const data = new TextEncoder().encode(text)
  return parsePublishOutcome({
    ...{ data, string: () => text },
    ...(status !== undefined && { headers: headers(status, 'status') }),
  })
}

function errorOf(err_code: number, description = ''): PublishOutcome {
  return outcomeOf(
    JSON.stringify({ error: { code: 500, err_code, description }, stream: 's', seq: 0 }),
  )
}

test('an acknowledgement names the record, a repeated one the first', () => {
  assert.deepEqual(outcomeOf('{"stream":"s","seq":7}'), { kind: 'stored', record: 7 })
  assert.deepEqual(outcomeOf('{"stream":"s", "seq":7,"duplicate": true}'), {
    ...{ kind: 'stored', record: 7 },
  })
})

test('a stream without room has refused, and for good', () => {
  for (const limit of ['messages', 'bytes']) {
    assert.deepEqual(errorOf(10_077, `maximum ${limit} exceeded`), {
      ...{ kind: 'refused', reason: 'full', code: '10077' },
    })
  }
  assert.deepEqual(errorOf(10_047), { kind: 'refused', reason: 'full', code: '10047' })
})

test('a stream that is too busy, or without a leader, has refused for now', () => {
  assert.deepEqual(errorOf(10_167), { kind: 'refused', reason: 'away', code: '10167' })
  assert.deepEqual(outcomeOf('', 503), {
    ...{ kind: 'refused', reason: 'away', code: 'no_responders' },
  })
})

test('whatever else is said leaves open whether the record is there', () => {
  const said = [
    errorOf(10_077, 'write /data/1.blk: input/output error'),
    // The same record is just being stored.
    errorOf(10_158),
    outcomeOf('', 408),
    outcomeOf(''),
    outcomeOf('not JSON'),
    outcomeOf('null'),
    outcomeOf('{"stream":"s"}'),
    outcomeOf('{"stream":"s","seq":0}'),
  ]
  for (const outcome of said) assert.equal(outcome.kind, 'unknown')
})
