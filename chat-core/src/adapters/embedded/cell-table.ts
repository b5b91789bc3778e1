/** Stands for a cell that was removed. Known by being this one: an empty value is a value. */
export const REMOVED: Buffer = Buffer.alloc(0)

// Ranges mostly stay within one conversation: cells are kept by the 16 bytes that name it.
const GROUP_BYTES = 16

/** A key as text that compares like its bytes. */
export function cellName(key: Buffer): string {
  return key.toString('latin1')
}

export function keyOfName(name: string): Buffer {
  return Buffer.from(name, 'latin1')
}

/**
 * Values of one database by name of their cell, for as long as they are pending. Thousands live here
 * for some seconds each: text and value, and no object around them, keep the collector's work small.
 */
export class CellTable {
  readonly #groups = new Map<string, Map<string, Buffer>>()
  #size = 0
  // A commit's cells come one after another: most go where the last one went.
  #lastGroupName = ''
  #lastGroup = new Map<string, Buffer>()

  get size(): number {
    return this.#size
  }

  get(name: string): Buffer | undefined {
    return this.#groups.get(name.slice(0, GROUP_BYTES))?.get(name)
  }

  set(name: string, value: Buffer): void {
    const group = this.#groupOf(name)
    const before = group.size
    group.set(name, value)
    this.#size += group.size - before
  }

  /** Adds to `found` what lies at `from` or above it, and below `to`. */
  collect(from: string, to: string | undefined, found: Map<string, Buffer>): void {
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

  *entries(): Generator<readonly [name: string, value: Buffer]> {
    for (const group of this.#groups.values()) yield* group
  }

  #groupOf(name: string): Map<string, Buffer> {
    const groupName = this.#lastGroupName
    if (groupName.length === GROUP_BYTES && name.startsWith(groupName)) return this.#lastGroup
    this.#lastGroupName = name.slice(0, GROUP_BYTES)
    this.#lastGroup = this.#groups.get(this.#lastGroupName) ?? new Map<string, Buffer>()
    if (this.#lastGroup.size === 0) this.#groups.set(this.#lastGroupName, this.#lastGroup)
    return this.#lastGroup
  }
}

function collectFrom(
  group: ReadonlyMap<string, Buffer> | undefined,
  from: string,
  to: string | undefined,
  found: Map<string, Buffer>,
): void {
  if (group === undefined) return
  for (const [name, value] of group)
    if (name >= from && (to === undefined || name < to)) found.set(name, value)
}
