import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waveformBars } from '../../web/audio/waveform-bars.ts'
import { pickDownload } from '../../web/attachment/pick-variant.ts'
import { shownAs } from '../../web/attachment/shown-as.ts'
import { readRungs } from '../../web/video/read-rungs.ts'
import {
  describeAttachments,
  describeLack,
  describeRefusal,
  describeRemedy,
  isWithheld,
  mayAttachAgain,
} from '../../web/words/describe-attachment.ts'
import { describeDuration, spellDuration } from '../../web/words/describe-duration.ts'

const TYPES: Readonly<Record<string, string>> = {
  w320: 'image/webp',
  animated: 'image/webp',
  loop: 'video/mp4',
  play: 'video/mp4',
  hls: 'application/vnd.apple.mpegurl',
}

function ready(contentType: string, names: readonly string[], playType = 'video/mp4') {
  const variants = names.map((name) => ({
    name,
    contentType: name === 'play' ? playType : (TYPES[name] ?? contentType),
    sizeBytes: 1,
    width: undefined,
    height: undefined,
    link: undefined,
  }))
  return { state: 'ready', name: 'file', contentType, variants } as const
}

test('what was made of a file decides how it is shown', () => {
  const shown = (type: string, names: readonly string[], playType?: string) =>
    shownAs(ready(type, names, playType), false)
  assert.equal(shown('image/jpeg', ['w320', 'download']), 'picture')
  assert.equal(shown('image/gif', ['w320', 'animated', 'download']), 'animation')
  assert.equal(shown('image/gif', ['w320', 'animated', 'loop', 'download']), 'animation')
  assert.equal(shown('video/quicktime', ['w320', 'play', 'download', 'hls']), 'video')
  assert.equal(shown('audio/mpeg', ['play'], 'audio/mpeg'), 'audio')
  assert.equal(shown('video/webm', ['play'], 'audio/x-m4a'), 'audio')
  assert.equal(shown('application/pdf', ['original']), 'file')
})

test('without anything to show, a video or a picture is a file', () => {
  assert.equal(shownAs(ready('video/mp4', ['original']), false), 'file')
  assert.equal(shownAs(ready('image/png', ['original']), false), 'file')
  assert.equal(shownAs(ready('image/png', ['original']), true), 'picture')
})

test('what nothing was made of is shown by nobody, not even its sender, who may see it here', () => {
  const raw = { ...ready('image/tiff', []), reason: 'not_cleaned' } as const
  assert.equal(shownAs(raw, true), 'file')
  assert.deepEqual([isWithheld(raw), isWithheld(ready('image/jpeg', ['w320']))], [true, false])
  assert.match(describeRefusal(raw, true) ?? '', /cannot be removed/)
  assert.match(describeRemedy(raw, true), /JPEG.*ZIP/)
  assert.equal(describeRemedy(raw, false), '')
  for (const reason of ['too_many_pixels', 'too_many_bytes', 'took_too_long']) {
    const large = { ...ready('image/avif', []), reason } as const
    assert.match(describeRefusal(large, false) ?? '', /too large/)
    assert.match(describeRemedy(large, true), /smaller.*JPEG/)
    assert.deepEqual([describeRemedy(large, false), mayAttachAgain(large)], ['', false])
  }
  const broken = { ...raw, reason: 'unreadable' } as const
  assert.equal(describeRefusal(broken, false), 'Not shared: it cannot be opened.')
  assert.deepEqual([describeRemedy(broken, true), mayAttachAgain(broken)], ['', false])
})

test('what is on its way takes the room it will need', () => {
  const coming = { ...ready('video/mp4', []), state: 'processing' } as const
  assert.equal(shownAs(coming, false), 'video')
  assert.equal(shownAs({ ...coming, name: 'voice-note.webm' }, false), 'file')
  assert.equal(shownAs({ ...coming, state: 'rejected' }, false), 'file')
})

test('a download is the cleaned copy where there is one, also where that is what is played', () => {
  assert.equal(pickDownload(ready('image/jpeg', ['w320', 'original', 'download'])), 'download')
  assert.equal(pickDownload(ready('video/mp4', ['w320', 'play'])), 'download')
  assert.equal(pickDownload(ready('application/pdf', ['original'])), 'original')
  assert.equal(pickDownload(ready('image/jpeg', ['w320'])), undefined)
})

test('what was found in a file is told to its sender alone', () => {
  const rejected = { state: 'rejected', reason: 'malware' } as const
  assert.match(describeRefusal(rejected, true) ?? '', /virus/)
  assert.doesNotMatch(describeRefusal(rejected, false) ?? '', /virus/)
  assert.equal(describeRefusal({ state: 'rejected' }, false), describeRefusal(rejected, false))
})

test('what is not there comes with what can be done about it', () => {
  const lost = { state: 'failed', reason: 'processing_failed' } as const
  assert.equal(describeRemedy(lost, true), 'Attach it again.')
  assert.equal(describeRemedy(lost, false), 'Ask for it to be sent again.')
  assert.equal(mayAttachAgain(lost), true)
  const malware = { state: 'rejected', reason: 'malware' } as const
  assert.match(describeRemedy(malware, true), /do not open/)
  assert.equal(describeRemedy(malware, false), '')
  assert.equal(mayAttachAgain(malware), false)
  const cancelled = { state: 'expired', reason: 'aborted' } as const
  assert.equal(describeRemedy(cancelled, true), '')
  assert.equal(mayAttachAgain(cancelled), false)
})

test('a file that should have a preview and has none says so', () => {
  const file = { name: 'a.mp4', contentType: 'video/mp4' }
  assert.equal(describeLack({ ...file, reason: 'unsupported_codec' }), ' · No preview')
  assert.equal(describeLack({ ...file, reason: undefined }), '')
  assert.equal(describeLack({ ...file, contentType: 'application/pdf', reason: 'x' }), '')
})

test('a voice message is called that, whatever its container says', () => {
  const note = { name: 'voice-note.webm', contentType: 'video/webm' }
  assert.equal(describeAttachments([note]), 'Voice message')
  assert.equal(describeAttachments([{ name: 'a.mp3', contentType: 'audio/mpeg' }]), 'Audio')
})

test('durations are written like clocks and said like sentences', () => {
  assert.equal(describeDuration(7_999), '0:07')
  assert.equal(describeDuration(65_000), '1:05')
  assert.equal(describeDuration(3_723_000), '1:02:03')
  assert.equal(spellDuration(0), '0 seconds')
  assert.equal(spellDuration(61_000), '1 minute 1 second')
  assert.equal(spellDuration(3_600_000), '1 hour')
})

test('a waveform has as many bars as are wanted, the loudest as high as it gets', () => {
  const peaks = Uint8Array.from([0, 10, 100, 50])
  const waveform = Buffer.from(peaks).toString('base64url')
  assert.deepEqual(waveformBars(waveform, 4), [0.08, 0.1, 1, 0.5])
  assert.deepEqual(waveformBars(waveform, 2), [0.1, 1])
  assert.equal(waveformBars(waveform, 10).length, 10)
  assert.deepEqual(waveformBars(undefined, 2), [0.08, 0.08])
})

test('the qualities of a stream are read from its playlist, best first', () => {
  const playlist = [
    '#EXTM3U',
    '#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=360x640,CODECS="avc1.64001e,mp4a.40.2"',
    '360p.m3u8',
    '#EXT-X-STREAM-INF:BANDWIDTH=2800000,RESOLUTION=720x1280',
    '720p.m3u8',
  ].join('\n')
  assert.deepEqual(readRungs(playlist, 'https://media.example/h/1/s/b/2/master.m3u8'), [
    { height: 720, url: 'https://media.example/h/1/s/b/2/720p.m3u8' },
    { height: 360, url: 'https://media.example/h/1/s/b/2/360p.m3u8' },
  ])
  assert.deepEqual(readRungs('#EXTM3U', 'https://media.example/'), [])
})
