// Groups of people who talk: how long a message takes to the others, and whether each arrives.

import type { Options } from 'k6/options'
import { chatInGroup, chatScenario } from './scenarios/chat-in-group.ts'
import { createScenarioRun, type ScenarioRun } from './scenarios/scenario-run.ts'
import { readSettings } from './settings.ts'
import { chatThresholds } from './thresholds.ts'

const settings = readSettings(__ENV)

export const options: Options = {
  scenarios: { chat: chatScenario(settings, 'chat') },
  thresholds: chatThresholds(settings),
}

export function setup(): ScenarioRun {
  return createScenarioRun()
}

export function chat(run: ScenarioRun): Promise<void> {
  return chatInGroup(settings, run)
}
