import { delay } from './deadlines.ts'
import type { Strike } from './strike-schedule.ts'
import type { Victim } from './victim.ts'

export interface NemesisDeps {
  readonly victims: readonly Victim[]
  readonly durationMs: number
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
  { victims, durationMs, now, tell }: NemesisDeps,
  strikes: readonly Strike[],
): Promise<readonly number[]> {
  const byName = new Map(victims.map((victim) => [victim.name, victim]))
  const startedMs = now()
  const recoveryMs: number[] = []
  for (const strike of strikes) {
    await delay(startedMs + strike.atMs - now())
    const hit = strike.victims.flatMap((name) => byName.get(name) ?? [])
    const atSeconds = ((now() - startedMs) / 1_000).toFixed(1)
    const tookMs = await carryOut(strike, hit, now)
    recoveryMs.push(tookMs)
    tell(`${atSeconds} s: ${strike.kind} ${strike.victims.join(', ')}, back after ${tookMs} ms`)
  }
  await delay(startedMs + durationMs - now())
  return recoveryMs
}

async function carryOut(
  { kind, forMs }: Strike,
  hit: readonly Victim[],
  now: () => number,
): Promise<number> {
  switch (kind) {
    case 'kill':
      await Promise.all(hit.map((victim) => victim.kill()))
      break
    case 'restart':
      await Promise.all(hit.map((victim) => victim.stop()))
      break
    case 'pause':
      for (const victim of hit) victim.pause()
      await delay(forMs)
      for (const victim of hit) victim.resume()
      return 0
    default:
      return kind satisfies never
  }
  await delay(forMs)
  const beginMs = now()
  await Promise.all(hit.map((victim) => startAgain(victim, now)))
  return Math.round(now() - beginMs)
}

/** As a supervisor does: who cannot begin without servers that are not back yet ends, and is started again. */
async function startAgain(victim: Victim, now: () => number): Promise<void> {
  const endMs = now() + START_DEADLINE_MS
  for (;;) {
    try {
      await victim.start()
      return
    } catch (error) {
      if (now() > endMs) throw error
    }
    await delay(START_AGAIN_MS)
  }
}
