import { delay } from './deadlines.ts'
import type { MemoryWatch } from './memory-watch.ts'
import type { Strike, StrikeKind } from './strike-schedule.ts'
import type { Victim } from './victim.ts'

export interface NemesisDeps {
  readonly victims: readonly Victim<StrikeKind>[]
  readonly durationMs: number
  readonly memory: Pick<MemoryWatch, 'describe'>
  readonly now: () => number
  readonly tell: (line: string) => void
}

const START_DEADLINE_MS = 120_000
const START_AGAIN_MS = 500

/**
 * Strikes as scheduled, and settles when the time is over and everybody is back; gives how long each recovery took. A
 * strike that is due while the one before it is not over comes right after it.
 */
export async function strikeAgainAndAgain(
  { victims, durationMs, memory, now, tell }: NemesisDeps,
  strikes: readonly Strike[],
): Promise<readonly number[]> {
  const byName = new Map(victims.map((victim) => [victim.name, victim]))
  const startedMs = now()
  const recoveryMs: number[] = []
  for (const strike of strikes) {
    await delay(startedMs + strike.atMs - now())
    const hit = strike.victims.flatMap((name) => byName.get(name) ?? [])
    const atSeconds = ((now() - startedMs) / 1_000).toFixed(1)
    const before = memory.describe()
    await Promise.all(hit.map((victim) => victim.hurt(strike.kind)))
    await delay(strike.forMs)
    const meanwhile = memory.describe()
    const tookMs = await bringBack(strike, hit, now)
    recoveryMs.push(tookMs)
    const { kind, forMs } = strike
    const names = strike.victims.join(', ')
    tell(`${atSeconds} s: ${kind} ${names}, away for ${forMs} ms, back after ${tookMs} ms more`)
    tell(`  before: ${before}`)
    tell(`  then:   ${meanwhile}`)
  }
  await delay(startedMs + durationMs - now())
  return recoveryMs
}

/** Gives how long it took. */
async function bringBack(
  { kind }: Strike,
  hit: readonly Victim<StrikeKind>[],
  now: () => number,
): Promise<number> {
  const beginMs = now()
  await Promise.all(hit.map((victim) => heal(victim, kind, now)))
  return Math.round(now() - beginMs)
}

/** As a supervisor does: who cannot begin without servers that are not back yet ends, and is started again. */
async function heal(
  victim: Victim<StrikeKind>,
  kind: StrikeKind,
  now: () => number,
): Promise<void> {
  const endMs = now() + START_DEADLINE_MS
  for (;;) {
    try {
      await victim.heal(kind)
      return
    } catch (error) {
      if (now() > endMs) throw error
    }
    await delay(START_AGAIN_MS)
  }
}
