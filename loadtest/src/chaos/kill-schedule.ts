import type { Random } from '../random.ts'

/** One kill: when, counted from the start of the load, and how long the server stays away. */
export interface Kill {
  readonly atMs: number
  readonly downMs: number
}

export interface KillRhythm {
  readonly leastMs: number
  readonly mostMs: number
}

const MAX_DOWN_MS = 300

/** When the server is killed during a load of `durationMs`: by the seed alone. */
export function killSchedule(
  random: Random,
  durationMs: number,
  rhythm: KillRhythm,
): readonly Kill[] {
  const kills: Kill[] = []
  for (let atMs = 0; ;) {
    atMs += random.between(rhythm.leastMs, rhythm.mostMs)
    if (atMs > durationMs) return kills
    kills.push({ atMs, downMs: random.between(0, MAX_DOWN_MS) })
  }
}
