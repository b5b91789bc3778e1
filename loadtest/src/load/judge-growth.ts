/** Whether something grew while load was steady. */
export interface Growth {
  /** Medians of the first and the last third of what counts. */
  readonly first: number
  readonly last: number
  readonly grewBy: number
  readonly isFlat: boolean
}

/** Before it caches fill, code is compiled and heaps grow to what they need. */
const WARM_UP_PART = 0.25
/** Grown by less than this part of itself, something counts as flat: garbage is collected when it suits. */
const FLAT_PART = 0.05

/**
 * Compares the median of the last third of the values with that of the first third, the first quarter left out;
 * `slack` is what counts as nothing whatever the size.
 */
export function judgeGrowth(values: readonly number[], slack: number): Growth {
  const counted = values.slice(Math.floor(values.length * WARM_UP_PART))
  const third = Math.max(1, Math.floor(counted.length / 3))
  const first = median(counted.slice(0, third))
  const last = median(counted.slice(-third))
  const grewBy = last - first
  return { first, last, grewBy, isFlat: grewBy <= Math.max(slack, first * FLAT_PART) }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
