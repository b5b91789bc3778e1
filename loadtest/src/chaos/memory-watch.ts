/** Of one process, in MB: when the watch began, at most, and when it ended. */
export interface MemoryUse {
  readonly first: number
  readonly most: number
  readonly last: number
}

const EVERY_MS = 1_000
const BYTES_PER_MB = 1_048_576

/** Looks at the memory of a target's processes once a second. */
export class MemoryWatch {
  readonly #read: () => ReadonlyMap<string, number>
  readonly #uses = new Map<string, MemoryUse>()
  readonly #timer: NodeJS.Timeout

  constructor(read: () => ReadonlyMap<string, number>) {
    this.#read = read
    this.#look()
    this.#timer = setInterval(() => this.#look(), EVERY_MS)
  }

  /** As it is now, for people. */
  describe(): string {
    this.#look()
    return [...this.#uses].map(([name, { last }]) => `${name} ${last} MB`).join(', ')
  }

  /** By process; leaves out those that were away. */
  stop(): Readonly<Record<string, MemoryUse>> {
    clearInterval(this.#timer)
    this.#look()
    return Object.fromEntries(this.#uses)
  }

  #look(): void {
    for (const [name, bytes] of this.#read()) {
      const last = Math.round(bytes / BYTES_PER_MB)
      const { first, most } = this.#uses.get(name) ?? { first: last, most: last }
      if (last > 0) this.#uses.set(name, { first, most: Math.max(most, last), last })
    }
  }
}
