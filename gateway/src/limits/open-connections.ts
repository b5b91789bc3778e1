/** So many of the files that may be open are kept for everything that is no connection: a tenth, at least these. */
const RESERVED_PART = 0.1
const RESERVED_LEAST = 128

/**
 * How many connections there is room for where `openFiles` files may be open: each takes one, and without
 * one to spare nothing can be stored, read, or even refused.
 */
export function mostConnections(openFiles: number): number {
  if (openFiles === Infinity) return Infinity
  return openFiles - Math.max(RESERVED_LEAST, Math.ceil(openFiles * RESERVED_PART))
}

/** Counts the connections of a process, of every kind, against what there is room for. */
export class OpenConnections {
  readonly most: number
  #size = 0

  constructor(most: number) {
    this.most = most
  }

  get size(): number {
    return this.#size
  }

  opened(): void {
    this.#size++
  }

  closed(): void {
    this.#size--
  }

  /** The one that was opened last is one too many. */
  get isOver(): boolean {
    return this.#size > this.most
  }
}
