import type { Random } from '../random.ts'
import type { ProcessStrikeKind } from './process-victim.ts'
import type { WireStrikeKind } from './wire.ts'

export type StrikeKind = ProcessStrikeKind | WireStrikeKind

/** One blow: when, counted from the start of the load, at whom, and how long until they come back. */
export interface Strike {
  readonly atMs: number
  readonly kind: StrikeKind
  /** Names of those who are hit together. */
  readonly victims: readonly string[]
  readonly forMs: number
}

export interface StrikeRhythm {
  /** From when those who were hit are to be back until the next strike. */
  readonly leastMs: number
  readonly mostMs: number
  /** How long those who were hit stay away. */
  readonly leastForMs: number
  readonly mostForMs: number
}

/** What a strike may be. */
export interface StrikeChoice {
  readonly kind: StrikeKind
  readonly victims: readonly string[]
}

/**
 * What is struck when during a load of `durationMs`, and over within it: by the seed alone. Each group of choices is as
 * likely as the others, however many are in it.
 */
export function strikeSchedule(
  random: Random,
  durationMs: number,
  rhythm: StrikeRhythm,
  choices: readonly (readonly StrikeChoice[])[],
): readonly Strike[] {
  const strikes: Strike[] = []
  for (let atMs = 0; ;) {
    atMs += random.between(rhythm.leastMs, rhythm.mostMs)
    const choice = random.pick(random.pick(choices) ?? [])
    const forMs = random.between(rhythm.leastForMs, rhythm.mostForMs)
    if (atMs + forMs > durationMs || choice === undefined) return strikes
    strikes.push({ ...choice, atMs, forMs })
    atMs += forMs
  }
}
