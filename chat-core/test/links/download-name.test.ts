import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downloadName } from '../../src/links/download-name.ts'

test('what was made of a file is saved under the ending of what it is', () => {
  const names: readonly (readonly [name: string, contentType: string, saved: string])[] = [
    ['IMG_0001.HEIC', 'image/jpeg', 'IMG_0001.jpg'],
    ['IMG_0001.heif', 'image/jpeg', 'IMG_0001.jpg'],
    ['IMG_0002.MOV', 'video/mp4', 'IMG_0002.mp4'],
    ['IMG_0002.MOV', 'video/quicktime', 'IMG_0002.MOV'],
    ['tape.aac', 'audio/x-m4a', 'tape.m4a'],
    ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
    ['note.opus', 'audio/ogg', 'note.opus'],
    ['clip.m4v', 'video/mp4', 'clip.m4v'],
    ['voice-note.webm', 'audio/webm', 'voice-note.webm'],
    ['no ending', 'image/jpeg', 'no ending'],
    ['.jpg', 'image/png', '.jpg'],
  ]
  for (const [name, contentType, saved] of names)
    assert.equal(downloadName(name, contentType), saved)
})
