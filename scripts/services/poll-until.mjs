const PAUSE_MS = 50

/**
 * Asks again and again until `ask` gives something else than `undefined`. What it throws counts as “not yet”, and is the
 * cause of the error when the time is up.
 *
 * @template T
 * @param {string} what completes “waited in vain until …”
 * @param {number} timeoutMs
 * @param {() => Promise<T | undefined> | T | undefined} ask
 * @returns {Promise<T>}
 */
export async function pollUntil(what, timeoutMs, ask) {
  const deadlineMs = Date.now() + timeoutMs
  /** @type {unknown} */
  let lastProblem
  do {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
      lastProblem = undefined
    } catch (error) {
      if (error instanceof HopelessError) throw error
      lastProblem = error
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  } while (Date.now() < deadlineMs)
  const reason = lastProblem instanceof Error ? `: ${lastProblem.message}` : ''
  throw new Error(`waited ${timeoutMs / 1_000} s in vain until ${what}${reason}`, {
    cause: lastProblem,
  })
}

/** Says that waiting longer is of no use. */
export class HopelessError extends Error {}
