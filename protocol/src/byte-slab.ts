const SLAB_BYTES = 8_192

/**
 * Cuts small copies out of larger buffers: a buffer of its own for each encoded frame costs more than
 * encoding it. A copy that is kept keeps its slab, at most 8 KB.
 */
export class ByteSlab {
  #slab = new Uint8Array(SLAB_BYTES)
  #used = 0

  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { length } = bytes
    if (length > SLAB_BYTES / 4) return bytes.slice()
    if (length > SLAB_BYTES - this.#used) {
      this.#slab = new Uint8Array(SLAB_BYTES)
      this.#used = 0
    }
    const copy = this.#slab.subarray(this.#used, this.#used + length)
    copy.set(bytes)
    this.#used += length
    return copy
  }
}
