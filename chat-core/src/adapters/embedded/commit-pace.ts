/**
 * Two commits begin at least so far apart; what comes in between goes together, as does what comes while one is
 * being committed. A flush costs the processor as much as several messages do: the more cells come in a millisecond
 * (a plain message is four), the more a little patience saves. Few wait for nobody.
 */
const PACES = [
  { fromCellsPerMs: 8, apartMs: 8 },
  { fromCellsPerMs: 6, apartMs: 4 },
  { fromCellsPerMs: 5, apartMs: 2 },
] as const
/**
 * How much comes is judged over about this long. A single commit says little: where three messages are
 * its mean, one of ten has five and more.
 */
const RATE_WINDOW_MS = 200

/** How far apart commits begin, by how much has come lately. */
export class CommitPace {
  #cellsPerMs = 0
  #latestMs = 0

  /** A commit of so many cells begins; gives for how long the next one waits, in milliseconds. */
  next(cells: number, nowMs: number): number {
    const sinceMs = nowMs - this.#latestMs
    this.#latestMs = nowMs
    const kept = this.#cellsPerMs * Math.max(0, 1 - sinceMs / RATE_WINDOW_MS)
    this.#cellsPerMs = kept + cells / Math.max(sinceMs, RATE_WINDOW_MS)
    return PACES.find(({ fromCellsPerMs }) => fromCellsPerMs <= this.#cellsPerMs)?.apartMs ?? 0
  }
}
