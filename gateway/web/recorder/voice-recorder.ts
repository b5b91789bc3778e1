import { VOICE_NOTE } from '../words/describe-attachment.ts'

/** Longer than this nobody listens. */
const LONGEST_MS = 10 * 60_000
/** Enough for speech in every format below. */
const BITS_PER_SECOND = 48_000

/** What the browser records in, and what others are told it is. */
export interface RecordingFormat {
  readonly mimeType: string
  readonly contentType: string
  readonly extension: string
}

/** The microphone while it records: from the beginning, to `finish` or `cancel`, which are idempotent. */
export class VoiceRecorder {
  readonly #stream: MediaStream
  readonly #format: RecordingFormat
  readonly #recorder: MediaRecorder
  readonly #context = new AudioContext()
  readonly #analyser: AnalyserNode
  readonly #samples: Float32Array<ArrayBuffer>
  readonly #pieces: Blob[] = []
  readonly #stopped: Promise<void>
  readonly #startedAtMs = performance.now()
  readonly #timer: number
  #stoppedAtMs: number | undefined

  constructor(stream: MediaStream, format: RecordingFormat) {
    this.#stream = stream
    this.#format = format
    const { mimeType } = format
    this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND })
    this.#recorder.ondataavailable = ({ data }) => this.#pieces.push(data)
    this.#stopped = new Promise((resolve) => {
      this.#recorder.onstop = () => {
        this.#release()
        resolve()
      }
    })
    this.#analyser = this.#context.createAnalyser()
    this.#samples = new Float32Array(this.#analyser.fftSize)
    this.#context.createMediaStreamSource(stream).connect(this.#analyser)
    this.#recorder.start(1_000)
    this.#timer = setTimeout(() => this.#stop(), LONGEST_MS)
  }

  /** How long it is so far. */
  get durationMs(): number {
    return (this.#stoppedAtMs ?? performance.now()) - this.#startedAtMs
  }

  /** It is as long as it can be, or the microphone is gone. */
  get isOver(): boolean {
    return this.#stoppedAtMs !== undefined
  }

  /** How loud it is now, from 0 to 1. */
  readLevel(): number {
    if (this.isOver) return 0
    this.#analyser.getFloatTimeDomainData(this.#samples)
    const energy = this.#samples.reduce((sum, sample) => sum + sample * sample, 0)
    // Loudness is heard by its logarithm; the root comes close enough for a picture.
    return Math.min(1, Math.sqrt(Math.sqrt(energy / this.#samples.length)) * 1.6)
  }

  /** Ends it; the file is named so that everybody's page knows it for a voice message. */
  async finish(): Promise<File> {
    this.#stop()
    await this.#stopped
    const { contentType, extension } = this.#format
    return new File(this.#pieces, `${VOICE_NOTE}.${extension}`, { type: contentType })
  }

  cancel(): void {
    this.#stop()
  }

  #stop(): void {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop()
    this.#release()
  }

  /** The light at the microphone goes out. */
  #release(): void {
    if (this.#stoppedAtMs !== undefined) return
    this.#stoppedAtMs = performance.now()
    clearTimeout(this.#timer)
    for (const track of this.#stream.getTracks()) track.stop()
    void this.#context.close()
  }
}
