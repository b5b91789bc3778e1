import { newOutboxId } from '@satchel/protocol'
import { pause } from '../client/pause.ts'
import { failed } from '../metrics.ts'

/** What all who take part in one run know of it. */
export interface ScenarioRun {
  /** Part of every name, so that nobody has been there before. */
  readonly id: string
}

const AFTER_FAILURE_MS = 1_000

export function createScenarioRun(): ScenarioRun {
  return { id: newOutboxId() }
}

/** Counts what goes wrong, and lets k6 tell of it; a moment later, so that nobody in trouble is asked ever faster. */
export async function countingFailures(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    failed.add(1)
    await pause(AFTER_FAILURE_MS)
    throw error
  }
}
