import type { Backend } from '@satchel/chat-core/backends'
import type { Settings } from '@satchel/chat-core/runtime'
import type { Tiering } from './integrity/cool-blob.ts'
import type { WorkerTelemetry } from './worker-telemetry.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** Tiering as it is set; says so where the store cannot. */
export function createTiering(
  { coldStorage }: Pick<Backend, 'coldStorage'>,
  { tieringDays }: Pick<Settings, 'tieringDays'>,
  telemetry: Pick<WorkerTelemetry, 'tieringMissing'>,
): Tiering | undefined {
  if (tieringDays === 0) return undefined
  if (coldStorage === undefined) telemetry.tieringMissing()
  return coldStorage && { storage: coldStorage, ageMs: tieringDays * DAY_MS }
}
