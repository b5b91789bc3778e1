import type { Timers } from '../runtime/index.ts'

/** Waits for `work`, but no longer than this. Rejects when it does in time. */
export async function waitAtMost(
  timers: Pick<Timers, 'after'>,
  deadlineMs: number,
  work: Promise<void>,
): Promise<void> {
  const late = Promise.withResolvers<undefined>()
  const cancel = timers.after(deadlineMs, () => {
    late.resolve(undefined)
  })
  try {
    await Promise.race([work, late.promise])
  } finally {
    cancel()
  }
}
