import { Latencies } from '../latencies.ts'

/** Where the connections of a target report to, whichever row is running. */
export class BenchRecorder {
  acknowledged = 0
  delivered = 0
  failures = 0
  firstFailure: string | undefined
  latencies = new Latencies()
  #fromMs = Number.POSITIVE_INFINITY

  readonly listener = {
    delivered: (text: string): void => {
      const intendedMs = Number.parseFloat(text)
      if (intendedMs < this.#fromMs) return
      this.delivered++
      this.latencies.record(performance.now() - intendedMs)
    },
    acknowledged: (): void => {
      this.acknowledged++
    },
    failed: (reason: string): void => {
      this.failures++
      this.firstFailure ??= reason
    },
  }

  /** From here on it counts: what was to be sent before is warm-up. */
  begin(fromMs: number): void {
    this.acknowledged = 0
    this.delivered = 0
    this.failures = 0
    this.firstFailure = undefined
    this.latencies = new Latencies()
    this.#fromMs = fromMs
  }
}
