const SAMPLE_RATE = 8_000
const SAMPLES_PER_PEAK = SAMPLE_RATE / 10
const MAX_POINTS = 256
const FULL_SCALE = 32_768

/** What `PeakMeter` takes: one channel of this rate, 16 bits, least significant byte first. */
export const METERED_SOUND = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le'] as const

/** The loudest moment of each tenth of a second of sound that streams by. */
export class PeakMeter {
  readonly #peaks: number[] = []
  #peak = 0
  #samples = 0
  #half: number | undefined

  take(chunk: Buffer): void {
    let at = 0
    if (this.#half !== undefined && chunk.length > 0) {
      this.#sample(((((chunk[0] ?? 0) << 8) | this.#half) << 16) >> 16)
      this.#half = undefined
      at = 1
    }
    for (; at + 1 < chunk.length; at += 2) this.#sample(chunk.readInt16LE(at))
    if (at < chunk.length) this.#half = chunk[at]
  }

  get durationMs(): number {
    return Math.round((this.#samples * 1_000) / SAMPLE_RATE)
  }

  /** At most 256 bytes, each of at least a tenth of a second: the square root of its peak, so that quiet speech is seen. */
  waveform(): Buffer {
    const isCut = this.#samples % SAMPLES_PER_PEAK !== 0
    const peaks = isCut ? [...this.#peaks, this.#peak] : this.#peaks
    const points = Math.min(MAX_POINTS, peaks.length)
    return Buffer.from(
      Array.from({ length: points }, (_, point) => {
        const from = Math.floor((point * peaks.length) / points)
        const to = Math.floor(((point + 1) * peaks.length) / points)
        let loudest = 0
        for (let index = from; index < to; index++) loudest = Math.max(loudest, peaks[index] ?? 0)
        return Math.min(255, Math.round(255 * Math.sqrt(loudest / FULL_SCALE)))
      }),
    )
  }

  #sample(value: number): void {
    this.#peak = Math.max(this.#peak, Math.abs(value))
    if (++this.#samples % SAMPLES_PER_PEAK !== 0) return
    this.#peaks.push(this.#peak)
    this.#peak = 0
  }
}
