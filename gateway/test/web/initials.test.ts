import assert from 'node:assert/strict'
import { test } from 'node:test'
import { initialsOf } from '../../web/ui/initials.ts'

test('a name stands as the first letters of its first and its last word', () => {
  assert.equal(initialsOf('ann'), 'A')
  assert.equal(initialsOf(' Ann  Maria Lee '), 'AL')
  assert.equal(initialsOf('Class of 1998'), 'C1')
  assert.equal(initialsOf('élodie Ñandú'), 'ÉÑ')
})

test('a letter keeps what is written on it', () => {
  assert.equal(initialsOf('e\u0301lodie n\u0303andu'), 'E\u0301N\u0303')
  assert.equal(initialsOf('नीना'), 'नी')
})

test('words that begin with neither a letter nor a number are left out', () => {
  assert.equal(initialsOf('Trip to Lisbon 🇵🇹'), 'TL')
  assert.equal(initialsOf('🎉 party'), 'P')
  assert.equal(initialsOf('Salt & Pepper (new)'), 'SP')
})

test('a name without such a word stands as the whole of its first sign', () => {
  assert.equal(initialsOf('🇵🇹🇪🇸'), '🇵🇹')
  assert.equal(initialsOf(' 👩‍👩‍👧 👍🏽'), '👩‍👩‍👧')
  assert.equal(initialsOf('?!'), '?')
  assert.equal(initialsOf(' '), '')
})
