import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProbe } from '../src/sandbox/ffmpeg/parse-probe.ts'
import { PeakMeter } from '../src/sandbox/ffmpeg/peak-meter.ts'

const VIDEO = { codec_type: 'video', codec_name: 'h264', width: 1_920, height: 1_080 }

function probe(streams: readonly object[], format: object = {}) {
  return parseProbe(JSON.stringify({ streams, format }))
}

test('a picture is as large as it is shown: pixels square, the right way up', () => {
  const turned = { ...VIDEO, side_data_list: [{ rotation: -90 }] }
  const video = probe([turned])?.video
  assert.deepEqual([video?.width, video?.height], [1_080, 1_920])
  const wide = probe([{ ...VIDEO, width: 720, height: 576, sample_aspect_ratio: '16:11' }])?.video
  assert.deepEqual([wide?.width, wide?.height, wide?.codedPixels], [1_047, 576, 414_720])
})

test('a cover is no video, and the first of each kind counts', () => {
  const cover = { ...VIDEO, codec_name: 'png', disposition: { attached_pic: 1 } }
  const sound = { codec_type: 'audio', codec_name: 'aac', channels: 2, sample_rate: '44100' }
  const found = probe([cover, sound, { ...sound, codec_name: 'ac3' }], { duration: '1.5' })
  assert.equal(found?.video, undefined)
  assert.equal(found?.audio?.codec, 'aac')
  assert.equal(found.durationMs, 1_500)
})

test('what cannot be is not believed', () => {
  const hostile = {
    ...VIDEO,
    codec_name: 'h264; rm -rf /',
    sample_aspect_ratio: '1:0',
    side_data_list: 'x',
    level: {},
  }
  const video = probe([hostile], { duration: '1e300' })?.video
  assert.deepEqual([video?.codec, video?.width, video?.level], ['', 1_920, 0])
  assert.equal(probe([hostile], { duration: '1e300' })?.durationMs, undefined)
  for (const size of [{ width: -1 }, { width: 1e9 }, { height: 'x' }, { height: 0.5 }]) {
    assert.equal(probe([{ ...VIDEO, ...size }])?.video, undefined)
  }
  for (const answer of ['', '{', 'null', '[]', '{"streams":7}']) {
    assert.equal(parseProbe(answer)?.video, undefined)
  }
})

test('peaks are the same however the sound is cut up on its way', () => {
  const samples = Buffer.alloc(2 * 8_000)
  for (let index = 0; index < 8_000; index++) {
    samples.writeInt16LE(index < 4_000 ? 8_192 : -32_768, index * 2)
  }
  const [whole, cut] = [new PeakMeter(), new PeakMeter()]
  whole.take(samples)
  for (let at = 0; at < samples.length; at += 333) cut.take(samples.subarray(at, at + 333))
  assert.equal(whole.durationMs, 1_000)
  assert.deepEqual([...whole.waveform()], [128, 128, 128, 128, 128, 255, 255, 255, 255, 255])
  assert.deepEqual(cut.waveform(), whole.waveform())
  assert.deepEqual(new PeakMeter().waveform(), Buffer.alloc(0))
})
