import type { Budget } from './budget.ts'

const HEADINGS = { what: 'what', bar: 'bar', figure: 'figure', verdict: '' }
type Columns = Readonly<Record<keyof typeof HEADINGS, string>>

/** Every row with its bar and its figure; below those that miss theirs, why. */
export function budgetTable(budgets: readonly Budget[]): string {
  const rows = budgets.map((budget) => ({ ...columnsOf(budget), reason: budget.reason }))
  const widthOf = (name: keyof Columns): number =>
    Math.max(...[HEADINGS, ...rows].map((row) => row[name].length))
  const widths = { what: widthOf('what'), bar: widthOf('bar'), figure: widthOf('figure') }
  const line = ({ what, bar, figure, verdict }: Columns): string =>
    [what.padEnd(widths.what), bar.padEnd(widths.bar), figure.padEnd(widths.figure), verdict].join(
      '  ',
    )
  const lines = rows.flatMap(({ reason, ...columns }) =>
    reason === undefined ? [line(columns)] : [line(columns), `    because: ${reason}`],
  )
  return `${[line(HEADINGS), ...lines].map((one) => one.trimEnd()).join('\n')}\n`
}

function columnsOf({ what, bar, figure = '', isMet }: Budget): Columns {
  const verdict = isMet === undefined ? 'not measured' : isMet ? 'met' : 'MISSED'
  return { what, bar, figure, verdict }
}
