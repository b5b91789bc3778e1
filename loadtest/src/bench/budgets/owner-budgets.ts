import type { OwnerKilledResult } from '../owner/measure-owner-killed.ts'
import { notMeasured, type Budget } from './budget.ts'

const STALL_MS = 5_000
const HAND_OVER_MS = 200

/** The budgets of losing an owner. */
export function ownerBudgets(
  result: OwnerKilledResult | undefined,
  reason: string,
): readonly Budget[] {
  const killed = { what: 'owner killed: its conversations stall', bar: '≤ 5 s' }
  const others = { what: 'owner killed: the others stall', bar: 'not at all' }
  const handedOver = { what: 'owner asked to leave: anybody stalls', bar: '≤ 200 ms' }
  if (result === undefined)
    return [killed, others, handedOver].map((budget) => notMeasured(budget, reason))
  const { calmMs, killedMs, killedConversations, othersMs, otherConversations } = result
  const beside = `in calm the slowest of all took ${calmMs} ms`
  return [
    judged(killed, killedMs, STALL_MS, `${killedMs} ms, of ${killedConversations}`, beside),
    // What load alone does is no stall.
    judged(
      others,
      othersMs,
      Math.max(HAND_OVER_MS, 2 * calmMs),
      `slowest ${othersMs} ms, of ${otherConversations}; in calm ${calmMs}`,
      beside,
    ),
    judged(handedOver, result.handedOverMs, HAND_OVER_MS, `${result.handedOverMs} ms`, beside),
  ]
}

function judged(budget: Budget, ms: number, barMs: number, figure: string, reason: string): Budget {
  const isMet = ms <= barMs
  return { ...budget, figure, isMet, ...(!isMet && { reason }) }
}
