/** How much all partitions together may hold that is not known to be in the log. */
export class AppendBound {
  readonly #maxCommands: number
  readonly #maxBytes: number
  #commands = 0
  #bytes = 0

  constructor(maxCommands = 10_000, maxBytes = 32 * 1024 * 1024) {
    this.#maxCommands = maxCommands
    this.#maxBytes = maxBytes
  }

  /** Whether there was room for one more command. */
  enter(bytes: number): boolean {
    if (this.#commands >= this.#maxCommands || this.#bytes + bytes > this.#maxBytes) return false
    this.#commands++
    this.#bytes += bytes
    return true
  }

  leave(commands: number, bytes: number): void {
    this.#commands -= commands
    this.#bytes -= bytes
  }
}
