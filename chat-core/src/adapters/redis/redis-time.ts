/** Redis' clock, as its command TIME gives it. */
export function parseRedisTimeMs(answer: unknown): number {
  const parts: readonly unknown[] = Array.isArray(answer) ? answer : []
  const [seconds, microseconds] = parts
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000
}
