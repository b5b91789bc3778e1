import type { StrikeRhythm } from './strike-schedule.ts'

/** How hard a product is used and how often it is hurt, unless somebody says otherwise. */
export interface ChaosRhythm {
  readonly commandsPerSecond: number
  readonly rhythm: StrikeRhythm
}

export const CHAOS_RHYTHMS: Readonly<Record<'embedded' | 'distributed', ChaosRhythm>> = {
  embedded: {
    commandsPerSecond: 700,
    rhythm: { leastMs: 3_000, mostMs: 12_000, leastForMs: 0, mostForMs: 2_000 },
  },
  distributed: {
    commandsPerSecond: 150,
    rhythm: { leastMs: 5_000, mostMs: 15_000, leastForMs: 0, mostForMs: 5_000 },
  },
}
