import assert from 'node:assert/strict'
import { it } from 'node:test'
import { emoji } from '../src/index.ts'

const parses = (candidate: string): boolean => {
  try {
    return emoji.parse(candidate, 'json') === candidate
  } catch {
    return false
  }
}

it('takes emoji as people write them', () => {
  for (const candidate of ['👍', '👩🏽‍🚀', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', ':shipit:', '+1', '❤️'])
    assert.ok(parses(candidate), candidate)
})

// Stores join an emoji and a user id with a zero byte.
it('lets nobody react in the name of somebody else with an emoji that holds a user id', () => {
  for (const candidate of ['👍\0bob', '\0', 'a\u0001', 'a\u007f', 'a\u0085'])
    assert.ok(!parses(candidate), JSON.stringify(candidate))
})
