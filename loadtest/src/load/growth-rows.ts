import { judgeGrowth } from './judge-growth.ts'
import type { LoadRow } from './scenario.ts'

const SHOWN = 12
const KB_PER_MB = 1_024
/** In the unit of the series: what counts as nothing, for small things do not grow by parts. */
const SLACK = { rssMb: 4, heapMb: 4, files: 6, folderMb: 1 }

/** Whether each series is flat, or by how much it grew, and that for each thing that was done; and the series itself. */
export function growthRows(
  series: ReadonlyMap<string, readonly number[]>,
  actions: number,
): readonly LoadRow[] {
  return [...series].map(([name, values]) => {
    const unit = name.slice(name.lastIndexOf(' ') + 1)
    const slack = Object.entries(SLACK).find(([known]) => known === unit)?.[1] ?? 0
    const { first, last, grewBy, isFlat } = judgeGrowth(values, slack)
    const kbPerAction = unit === 'files' ? 0 : rounded((grewBy * KB_PER_MB) / countedPart(actions))
    return {
      what: name,
      values: {
        first,
        last,
        grewBy: rounded(grewBy),
        verdict: isFlat ? 'flat' : 'grew',
        kbPerAction: isFlat ? '' : kbPerAction,
        series: shown(values),
      },
    }
  })
}

/** Between the middle of the first third that counts and that of the last lies half of all that was done. */
function countedPart(actions: number): number {
  return Math.max(1, actions / 2)
}

function shown(values: readonly number[]): string {
  const step = Math.max(1, (values.length - 1) / (SHOWN - 1))
  const points: number[] = []
  for (let at = 0; Math.round(at) < values.length; at += step)
    points.push(values[Math.round(at)] ?? 0)
  return points.join(' ')
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
