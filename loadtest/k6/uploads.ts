// Very many uploads open at once: begun, held, their bytes brought, sent in a message.

import type { Options } from 'k6/options'
import { createScenarioRun, type ScenarioRun } from './scenarios/scenario-run.ts'
import { uploadScenario, uploadSession } from './scenarios/upload-session.ts'
import { readSettings } from './settings.ts'
import { uploadThresholds } from './thresholds.ts'

const settings = readSettings(__ENV)

export const options: Options = {
  scenarios: { uploads: uploadScenario(settings, 'uploads') },
  thresholds: uploadThresholds(settings),
}

export function setup(): ScenarioRun {
  return createScenarioRun()
}

export function uploads(run: ScenarioRun): Promise<void> {
  return uploadSession(settings, run)
}
