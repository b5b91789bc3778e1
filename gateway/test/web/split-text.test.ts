import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findMentions, isJumbo, splitText } from '../../web/message/split-text.ts'

const ann = { id: 'ann', name: 'Ann' }
const annLee = { id: 'ann-lee', name: 'Ann Lee' }

function linksIn(text: string): readonly string[] {
  return splitText(text, [], false).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []))
}

test('a link ends where the sentence goes on', () => {
  assert.deepEqual(linksIn('See https://a.example/x, then http://b.example.'), [
    'https://a.example/x',
    'http://b.example',
  ])
  assert.deepEqual(linksIn('(https://a.example/x)'), ['https://a.example/x'])
  assert.deepEqual(linksIn('https://a.example/x_(y)!'), ['https://a.example/x_(y)'])
})

test('only http and https become links', () => {
  assert.deepEqual(linksIn('javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b'), [])
})

test('cutting a text loses nothing of it', () => {
  const text = 'Hi @Ann Lee and @Ann: https://a.example/@Ann, @all'
  const pieces = splitText(text, [ann, annLee], true)
  assert.equal(pieces.map((piece) => piece.text).join(''), text)
})

test('the longest name that fits is the one that is meant', () => {
  assert.deepEqual(findMentions('@Ann Lee, hello', [ann, annLee]).userIds, ['ann-lee'])
  assert.deepEqual(findMentions('@Ann and @Ann Lee', [ann, annLee]).userIds, ['ann', 'ann-lee'])
})

test('part of a word or of an address names nobody', () => {
  assert.deepEqual(findMentions('@Anna me@Ann https://a.example/@Ann', [ann]).userIds, [])
})

test('@all names everybody, and names with special letters are taken as they are', () => {
  assert.equal(findMentions('Dinner, @all?', []).everybody, true)
  assert.equal(findMentions('@allan', []).everybody, false)
  assert.deepEqual(findMentions('@a.*b', [{ id: 'x', name: 'a.*b' }]).userIds, ['x'])
})

test('up to a few emoji alone are shown large', () => {
  for (const text of ['🎉', '👍🏽', '❤️', '👩‍👩‍👧', '🎉🎉🎉']) assert.equal(isJumbo(text), true, text)
  for (const text of ['', '1', '12', 'ok 🎉', '#']) assert.equal(isJumbo(text), false, text)
})
