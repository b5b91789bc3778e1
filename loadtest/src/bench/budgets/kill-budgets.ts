import type { KillsResult } from '../measure-kills.ts'
import { notMeasured, type Budget } from './budget.ts'

const BAR = 'lost 0, duplicated 0, reordered 0'

/** The budgets of killing whatever may be killed, under load. */
export function killBudgets(
  { embedded, distributed }: Readonly<Record<KillMode, KillsResult | undefined>>,
  reason: string,
): readonly Budget[] {
  return [
    budgetOf('the one process killed, under load', embedded, 'it was left out'),
    budgetOf('any process killed, under load', distributed, reason),
  ]
}

type KillMode = 'embedded' | 'distributed'

function budgetOf(what: string, result: KillsResult | undefined, reason: string): Budget {
  if (result === undefined) return notMeasured({ what, bar: BAR }, reason)
  const { strikes, report } = result
  const { lost, duplicated, reordered, acknowledged, passed, descriptions } = report
  const counts = `${lost}, ${duplicated}, ${reordered}`
  return {
    what,
    bar: BAR,
    figure: `${counts}: ${strikes} kills, ${acknowledged} commands`,
    isMet: passed,
    ...(!passed && { reason: descriptions[0] ?? 'the checker found something else' }),
  }
}
