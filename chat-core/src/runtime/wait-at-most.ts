import type { Timers } from './timers.ts'

/** Settles when `work` does, or after `deadlineMs`; rejects only if `work` has rejected before that. */
export async function waitAtMost(
  timers: Pick<Timers, 'after'>,
  deadlineMs: number,
  work: Promise<unknown>,
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
