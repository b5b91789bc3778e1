/**
 * How much the owners of one process hold undecided, all partitions together. Whoever finds it full
 * waits until half of it is free.
 */
export class UndecidedBound {
  readonly #maxCommands: number
  readonly #maxBytes: number
  readonly #waiting = new Set<() => void>()
  #commands = 0
  #bytes = 0

  constructor(maxCommands: number, maxBytes: number) {
    this.#maxCommands = maxCommands
    this.#maxBytes = maxBytes
  }

  get isFull(): boolean {
    return this.#commands >= this.#maxCommands || this.#bytes >= this.#maxBytes
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#waiting.size
  }

  enter(commands: number, bytes: number): void {
    this.#commands += commands
    this.#bytes += bytes
  }

  leave(commands: number, bytes: number): void {
    this.#commands -= commands
    this.#bytes -= bytes
    if (this.#waiting.size === 0) return
    if (this.#commands > this.#maxCommands / 2 || this.#bytes > this.#maxBytes / 2) return
    for (const free of this.#waiting) free()
    this.#waiting.clear()
  }

  /** Calls `free` once there is room again. */
  wait(free: () => void): void {
    this.#waiting.add(free)
  }

  stopWaiting(free: () => void): void {
    this.#waiting.delete(free)
  }
}
