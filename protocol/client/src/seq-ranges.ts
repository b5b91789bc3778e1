import type { Seq } from '@satchel/protocol'

interface Range {
  readonly from: Seq
  readonly to: Seq
}

/** Which stretches of a conversation are loaded. */
export class SeqRanges {
  /** Disjoint, not adjacent, in order. */
  #ranges: readonly Range[] = []

  add(from: Seq, to: Seq): void {
    if (to < from) return
    const before = this.#ranges.filter((range) => range.to < from - 1)
    const after = this.#ranges.filter((range) => range.from > to + 1)
    const touched = this.#ranges.filter((range) => range.to >= from - 1 && range.from <= to + 1)
    const merged = {
      from: Math.min(from, ...touched.map((range) => range.from)),
      to: Math.max(to, ...touched.map((range) => range.to)),
    }
    this.#ranges = [...before, merged, ...after]
  }

  /** Forgets everything below `seq`. */
  dropBelow(seq: Seq): void {
    this.#ranges = this.#ranges
      .filter((range) => range.to >= seq)
      .map((range) => ({ from: Math.max(range.from, seq), to: range.to }))
  }

  clear(): void {
    this.#ranges = []
  }

  has(seq: Seq): boolean {
    return this.#find(seq) !== undefined
  }

  /** Whether everything between the two is loaded. */
  connects(earlier: Seq, later: Seq): boolean {
    const range = this.#find(later)
    return range !== undefined && range.from <= earlier
  }

  /** The lowest loaded seq. */
  get lowest(): Seq | undefined {
    return this.#ranges[0]?.from
  }

  #find(seq: Seq): Range | undefined {
    return this.#ranges.find((range) => range.from <= seq && seq <= range.to)
  }
}
