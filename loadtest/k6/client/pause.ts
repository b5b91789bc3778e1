/** Settles after so many milliseconds; at once when that is past. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

const LOOK_MS = 20

/** Whether it came true before the deadline. */
export async function becomesTrue(isTrue: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = Date.now() + withinMs
  while (!isTrue()) {
    if (Date.now() > endMs) return false
    await pause(LOOK_MS)
  }
  return true
}
