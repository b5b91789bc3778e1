import { fitFrame, type FrameSize } from './fit-frame.ts'

/** One of the sizes a player chooses from. */
export interface HlsRung extends FrameSize {
  /** Its files begin with it. */
  readonly name: string
  /** At its most demanding, for the pictures. */
  readonly maxKilobits: number
}

/** By the shorter side. */
const RUNGS = [
  { side: 360, maxKilobits: 700 },
  { side: 480, maxKilobits: 1_200 },
  { side: 720, maxKilobits: 2_500 },
  { side: 1_080, maxKilobits: 4_500 },
] as const

/** Sizes up to that of the source, never beyond; of a small source its own. Smallest first. */
export function hlsLadder(source: FrameSize): readonly HlsRung[] {
  const side = Math.min(source.width, source.height)
  const fitting = RUNGS.filter((rung) => rung.side <= side)
  const rungs = fitting.length > 0 ? fitting : [{ ...RUNGS[0], side }]
  return rungs.map((rung) => ({
    ...fitFrame(source, { longest: Infinity, shortest: rung.side }),
    name: `${String(rung.side)}p`,
    maxKilobits: rung.maxKilobits,
  }))
}
