/** A cell that was written and does not lie in LMDB yet; without a value it was removed. */
export interface PendingCell {
  readonly key: Buffer
  readonly value: Buffer | undefined
}

// Ranges mostly stay within one conversation: cells are kept by the 16 bytes that name it.
const GROUP_BYTES = 16

/** A key as text that compares like its bytes. */
export function cellName(key: Buffer): string {
  return key.toString('latin1')
}

/** Cells of one database by key, for as long as they are pending. */
export class CellTable {
  readonly #groups = new Map<string, Map<string, PendingCell>>()
  #size = 0
  // A commit's cells come one after another: most go where the last one went.
  #lastGroupName = ''
  #lastGroup = new Map<string, PendingCell>()

  get size(): number {
    return this.#size
  }

  get(name: string): PendingCell | undefined {
    return this.#groups.get(name.slice(0, GROUP_BYTES))?.get(name)
  }

  set(name: string, cell: PendingCell): void {
    const group = this.#groupOf(name)
    const before = group.size
    group.set(name, cell)
    this.#size += group.size - before
  }

  /** Adds to `found` what lies at `from` or above it, and below `to`. */
  collect(from: string, to: string | undefined, found: Map<string, PendingCell>): void {
    const first = from.slice(0, GROUP_BYTES)
    const last = to?.slice(0, GROUP_BYTES)
    if (first === last && first.length === GROUP_BYTES) {
      collectFrom(this.#groups.get(first), from, to, found)
      return
    }
    for (const [groupName, group] of this.#groups) {
      const outside = groupName < first || (last !== undefined && groupName > last)
      if (!outside) collectFrom(group, from, to, found)
    }
  }

  #groupOf(name: string): Map<string, PendingCell> {
    const groupName = this.#lastGroupName
    if (groupName.length === GROUP_BYTES && name.startsWith(groupName)) return this.#lastGroup
    this.#lastGroupName = name.slice(0, GROUP_BYTES)
    this.#lastGroup = this.#groups.get(this.#lastGroupName) ?? new Map<string, PendingCell>()
    if (this.#lastGroup.size === 0) this.#groups.set(this.#lastGroupName, this.#lastGroup)
    return this.#lastGroup
  }

  *cells(): Generator<PendingCell> {
    for (const group of this.#groups.values()) yield* group.values()
  }
}

function collectFrom(
  group: ReadonlyMap<string, PendingCell> | undefined,
  from: string,
  to: string | undefined,
  found: Map<string, PendingCell>,
): void {
  if (group === undefined) return
  for (const [name, cell] of group)
    if (name >= from && (to === undefined || name < to)) found.set(name, cell)
}
