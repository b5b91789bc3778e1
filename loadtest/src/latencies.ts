import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/** In milliseconds. */
export type LatencySummary = Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>

const HIGHEST_MICROS = 3_600_000_000
const SIGNIFICANT_DIGITS = 3

/** How long things took, to three digits: of one process, or of several together. */
export class Latencies {
  readonly #histogram: Histogram = build({
    highestTrackableValue: HIGHEST_MICROS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  })

  /** Those of several processes, from what `toText` gave in each. */
  static merged(texts: readonly string[]): Latencies {
    const merged = new Latencies()
    for (const text of texts) merged.#histogram.add(decodeFromCompressedBase64(text))
    return merged
  }

  record(ms: number): void {
    const micros = Math.max(1, Math.round(ms * 1_000))
    this.#histogram.recordValue(Math.min(micros, HIGHEST_MICROS))
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** The least time within which this part of them (0 to 1) was done, in milliseconds. */
  at(part: number): number {
    return rounded(this.#histogram.getValueAtPercentile(part * 100) / 1_000)
  }

  summary(): LatencySummary {
    return {
      p50: this.at(0.5),
      p99: this.at(0.99),
      p999: this.at(0.999),
      max: rounded(this.#histogram.maxValue / 1_000),
    }
  }

  /** For `merged`, in another process. */
  toText(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
