/** Makes a call that is told through `signal` when its time is up. */
export async function callWithin<Result>(
  deadlineMs: number,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  try {
    return await call(deadline.signal)
  } finally {
    clearTimeout(timer)
  }
}
