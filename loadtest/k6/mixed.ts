// A day at once: groups that talk, uploads, people who come to read.

import type { Options } from 'k6/options'
import { chatInGroup, chatScenario } from './scenarios/chat-in-group.ts'
import { historyScenario, readHistory } from './scenarios/read-history.ts'
import { createScenarioRun, type ScenarioRun } from './scenarios/scenario-run.ts'
import { uploadScenario, uploadSession } from './scenarios/upload-session.ts'
import { readSettings } from './settings.ts'
import { historyThresholds, uploadThresholds } from './thresholds.ts'

const settings = readSettings(__ENV)

export const options: Options = {
  scenarios: {
    chat: chatScenario(settings, 'chat'),
    uploads: uploadScenario(settings, 'uploads'),
    history: historyScenario(settings, 'history'),
  },
  thresholds: { ...uploadThresholds(settings), ...historyThresholds(settings) },
}

export function setup(): ScenarioRun {
  return createScenarioRun()
}

export function chat(run: ScenarioRun): Promise<void> {
  return chatInGroup(settings, run)
}

export function uploads(run: ScenarioRun): Promise<void> {
  return uploadSession(settings, run)
}

export function history(run: ScenarioRun): Promise<void> {
  return readHistory(settings, run)
}
