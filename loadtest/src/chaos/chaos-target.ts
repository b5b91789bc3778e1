import type { StrikeChoice, StrikeKind } from './strike-schedule.ts'
import type { Victim } from './victim.ts'

/** A running product that is put under load and hurt. */
export interface ChaosTarget {
  /** On 127.0.0.1, of every gateway. */
  readonly ports: readonly number[]
  readonly tokenSecret: string
  readonly serverKey: string
  readonly victims: readonly Victim<StrikeKind>[]
  readonly choices: readonly (readonly StrikeChoice[])[]
  /** Resident, of each process of ours; 0 while it is away. */
  memoryBytes(): ReadonlyMap<string, number>
  /** How long everything may take to answer once nothing is hurt any more. */
  readonly recoveryMs: number
  close(): Promise<void>
}
