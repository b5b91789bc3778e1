import type { Scenario } from './scenario.ts'
import { historyScroll } from './scenarios/history-scroll.ts'
import { mixedDay } from './scenarios/mixed-day.ts'
import { reconnectStorm } from './scenarios/reconnect-storm.ts'
import { steadyGroups } from './scenarios/steady-groups.ts'
import { uploadLoad } from './scenarios/upload-load.ts'

/** By the name they have in `npm run bench -- NAME`. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  groups: steadyGroups,
  storm: reconnectStorm,
  uploads: uploadLoad,
  history: historyScroll,
  day: mixedDay,
}
