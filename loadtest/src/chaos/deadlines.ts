const POLL_MS = 50

/** Settles when `check` holds; rejects, naming `what`, when it does not in time. */
export async function until(what: string, deadlineMs: number, check: () => boolean): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!check()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await delay(POLL_MS)
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
