import type { BenchConnection, BenchListener, BenchTarget } from './bench-target.ts'

const CONNECTS_AT_ONCE = 20

/** Connects `count` users from this one on, some at once. */
export async function connectUsers(
  target: Pick<BenchTarget, 'connect'>,
  { listener }: { readonly listener: BenchListener },
  from: number,
  count: number,
): Promise<readonly BenchConnection[]> {
  const connections: BenchConnection[] = []
  for (let user = from; user < from + count; user += CONNECTS_AT_ONCE) {
    const some = Array.from(
      { length: Math.min(CONNECTS_AT_ONCE, from + count - user) },
      (_, index) => target.connect(user + index, listener),
    )
    connections.push(...(await Promise.all(some)))
  }
  return connections
}
