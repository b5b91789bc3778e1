const TICK_MS = 1

/** Does the thing number `index`, that was to be done at `intendedMs` of `performance.now()`. */
export type Act = (index: number, intendedMs: number) => void

/**
 * An open loop: thing k is due at k / rate whether the server keeps up or not, so that its latency, counted
 * from then, includes what it had to wait behind others. Settles, with their number, when all were begun.
 */
export async function runOpenLoop(perSecond: number, seconds: number, act: Act): Promise<number> {
  const startedMs = performance.now()
  const total = Math.floor(perSecond * seconds)
  for (let index = 0; index < total;) {
    const nowMs = performance.now()
    for (;;) {
      const intendedMs = startedMs + (index * 1_000) / perSecond
      if (index >= total || intendedMs > nowMs) break
      act(index++, intendedMs)
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return total
}
