import type { MediaRow } from '../../media/run-media-bench.ts'
import { notMeasured, type Budget } from './budget.ts'

const UPLOAD = {
  what: 'upload: gateway CPU for begin + complete',
  bar: '≤ 0.5 ms; bytes through it: 0',
}
const PHOTO = { what: '12 MP JPEG: last byte → ready', bar: 'p99 < 3 s, ≤ 0.5 s of CPU' }

/** The rows of the bench of media that budgets ask for, by the names it takes them by. */
export const BUDGETED_MEDIA = ['photos', 'uploads']

/** From the rows of `BUDGETED_MEDIA`, in the order they are measured in. */
export function mediaBudgets(
  rows: readonly MediaRow[] | undefined,
  reason: string,
): readonly Budget[] {
  const [photos, uploads] = rows ?? []
  return [budgetOf(UPLOAD, uploads, reason), budgetOf(PHOTO, photos, reason)]
}

function budgetOf(budget: Budget, row: MediaRow | undefined, reason: string): Budget {
  if (row?.isMet === undefined) return notMeasured(budget, reason)
  const { what, figure, isMet, reason: known = `measured as: ${what}` } = row
  return { ...budget, figure, isMet, ...(!isMet && { reason: known }) }
}
