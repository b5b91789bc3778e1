/** Closer to the end than this counts as being there. */
const AT_END = 32

/**
 * Keeps what is being read where it is while lines come and go above and below it, and pictures and
 * fields change their height; at the end it stays at the end. Lines carry `data-key`.
 */
export class ScrollAnchor {
  readonly #scroller: HTMLElement
  readonly #column: HTMLElement
  #isAtEnd = true
  #key: string | undefined
  #offset = 0

  constructor(scroller: HTMLElement, column: HTMLElement) {
    this.#scroller = scroller
    this.#column = column
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** Takes what is visible now as what is being read. */
  remember(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END
    const top = this.#scroller.getBoundingClientRect().top
    const line = this.#firstLine((rect) => rect.bottom > top)
    this.#key = line?.dataset['key']
    this.#offset = line === undefined ? 0 : line.getBoundingClientRect().top - top
  }

  /** Puts it back where it was. */
  restore(): void {
    if (this.#isAtEnd) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight
      return
    }
    const line = this.find(this.#key)
    if (line === undefined) return
    const top = this.#scroller.getBoundingClientRect().top
    const moved = line.getBoundingClientRect().top - top - this.#offset
    if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved
  }

  toEnd(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    const isNear = scrollHeight - scrollTop < 3 * clientHeight
    if (!isNear) this.#isAtEnd = true
    this.#scroller.scrollTo({ top: scrollHeight, behavior: isNear ? 'smooth' : 'instant' })
  }

  /** Shows a line, at most a third from the top; tells whether it is there. */
  show(key: string): boolean {
    const line = this.find(key)
    if (line === undefined) return false
    const { top, height } = this.#scroller.getBoundingClientRect()
    this.#scroller.scrollTop += line.getBoundingClientRect().top - top - height / 3
    this.remember()
    return true
  }

  /** The last line that can be seen. */
  lastVisible(): HTMLElement | undefined {
    const { bottom } = this.#scroller.getBoundingClientRect()
    const below = this.#firstLine((rect) => rect.top >= bottom)
    return below === undefined ? lastOf(this.#lines()) : previousOf(below)
  }

  find(key: string | undefined): HTMLElement | undefined {
    return key === undefined ? undefined : this.#lines().find((line) => line.dataset['key'] === key)
  }

  #lines(): readonly HTMLElement[] {
    return [...this.#column.children].filter(
      (line): line is HTMLElement =>
        line instanceof HTMLElement && line.dataset['key'] !== undefined,
    )
  }

  /** Lines stand below each other, so half of them can be left out at each look. */
  #firstLine(fits: (rect: DOMRect) => boolean): HTMLElement | undefined {
    const lines = this.#lines()
    let low = 0
    let high = lines.length
    while (low < high) {
      const middle = (low + high) >> 1
      const rect = lines[middle]?.getBoundingClientRect()
      if (rect !== undefined && fits(rect)) high = middle
      else low = middle + 1
    }
    return lines[low]
  }
}

function lastOf(lines: readonly HTMLElement[]): HTMLElement | undefined {
  return lines.at(-1)
}

function previousOf(line: HTMLElement): HTMLElement | undefined {
  const previous = line.previousElementSibling
  return previous instanceof HTMLElement ? previous : undefined
}
