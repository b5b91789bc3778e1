const POLL_MS = 5

/** Runs `check` until it no longer throws; past the deadline it fails with what `check` threw last. */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  deadlineMs = 20_000,
): Promise<Value> {
  const end = performance.now() + deadlineMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
