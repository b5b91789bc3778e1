import { VoiceRecorder } from './voice-recorder.ts'
import type { RecordingFormat } from './voice-recorder.ts'

/** By preference: AAC plays everywhere as it is; Opus is what the others can record. */
const FORMATS: readonly RecordingFormat[] = [
  { mimeType: 'audio/mp4;codecs=mp4a.40.2', contentType: 'audio/mp4', extension: 'm4a' },
  { mimeType: 'audio/webm;codecs=opus', contentType: 'audio/webm', extension: 'webm' },
  { mimeType: 'audio/ogg;codecs=opus', contentType: 'audio/ogg', extension: 'ogg' },
  { mimeType: 'audio/mp4', contentType: 'audio/mp4', extension: 'm4a' },
]

/** Asks for the microphone and begins; rejects with the browser's `DOMException`. */
export async function openVoiceRecorder(): Promise<VoiceRecorder> {
  const format = FORMATS.find(({ mimeType }) => MediaRecorder.isTypeSupported(mimeType))
  if (format === undefined) throw new DOMException('no known format', 'NotSupportedError')
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  try {
    return new VoiceRecorder(stream, format)
  } catch (error) {
    // Nobody else could turn it off.
    for (const track of stream.getTracks()) track.stop()
    throw error
  }
}
