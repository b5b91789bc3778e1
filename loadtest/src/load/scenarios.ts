import type { Scenario } from './scenario.ts'
import { reconnectStorm } from './scenarios/reconnect-storm.ts'
import { steadyGroups } from './scenarios/steady-groups.ts'

/** By the name they have in `npm run bench -- NAME`. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  groups: steadyGroups,
  storm: reconnectStorm,
}
