import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '@satchel/chat-core/runtime'
import { greeting } from '../src/greeting.ts'

function greet(
  environment: Readonly<Record<string, string>> = {},
  { mostConnections = Infinity, canPlay = true } = {},
) {
  const settings = readSettings({ SATCHEL_DATA_DIR: '/srv/chat', ...environment })
  return greeting({ port: 7700, settings, gateway: { mostConnections }, worker: { canPlay } })
}

test('whoever starts the server learns where it is, where its data is, and what is switched off', () => {
  const lines = greet()
  assert.match(lines, /^Satchel is ready: open http:\/\/127\.0\.0\.1:7700\/$/m)
  assert.match(lines, /^ {2}data +\/srv\/chat$/m)
  assert.match(lines, /^ {2}sign-in +by name alone/m)
  assert.match(lines, /^ {2}scanner +none: uploads are not checked/m)
  assert.match(lines, /^ {2}previews +of pictures, video and audio$/m)
  assert.doesNotMatch(lines, /limits|sockets/)
})

test('what is not as usual is said as well', () => {
  const lines = greet(
    { SATCHEL_HOST: '0.0.0.0', SATCHEL_LIMITS: 'off' },
    { mostConnections: 896, canPlay: false },
  )
  assert.match(lines, /open http:\/\/localhost:7700\/$/m)
  assert.match(lines, /^ {2}sign-in +with a token; npm run token -- bob/m)
  assert.match(lines, /^ {2}sockets +896 at most/m)
  assert.match(lines, /^ {2}limits +off/m)
  assert.match(lines, /^ {2}previews +of pictures; without ffmpeg/m)
  assert.match(
    greet({ SATCHEL_PUBLIC_URL: 'https://chat.example' }),
    /open https:\/\/chat\.example$/m,
  )
})
