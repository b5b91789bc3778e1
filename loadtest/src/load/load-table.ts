import type { LoadRow } from './scenario.ts'

const WHAT_WIDTH = 34
const LEAST_WIDTH = 10
const GAP = '  '

/** Rows for people: those that follow each other and have the same values share a heading. */
export function loadTable(rows: readonly LoadRow[]): string {
  const lines: string[] = []
  let heading = ''
  for (const { what, values } of rows) {
    const names = Object.keys(values)
    const cells = Object.entries(values).map(([name, value]) => cell(String(value), name))
    const own = names.map((name) => cell(name, name)).join('')
    if (own !== heading) lines.push('', `${''.padEnd(WHAT_WIDTH)}${own}`)
    heading = own
    lines.push(`${what.padEnd(WHAT_WIDTH)}${cells.join('')}`)
  }
  return `${lines.join('\n')}\n`
}

function cell(text: string, name: string): string {
  return `${GAP}${text.padStart(Math.max(name.length, LEAST_WIDTH))}`
}
