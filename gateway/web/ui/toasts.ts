import { Changes } from './changes.ts'

export interface Toast {
  readonly id: number
  readonly text: string
}

const SHOWN_MS = 6_000
const SHOWN_AT_ONCE = 3

/** Short messages at the bottom of the window that go away by themselves. */
export class Toasts {
  readonly #changes = new Changes()
  readonly on = this.#changes.on
  #shown: readonly Toast[] = []
  #lastId = 0

  get shown(): readonly Toast[] {
    return this.#shown
  }

  /** The same text twice in a row is shown once. */
  show(text: string): void {
    const others = this.#shown.filter((toast) => toast.text !== text)
    const toast = { id: ++this.#lastId, text }
    this.#set([...others, toast].slice(-SHOWN_AT_ONCE))
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS)
  }

  dismiss(id: number): void {
    this.#set(this.#shown.filter((toast) => toast.id !== id))
  }

  #set(shown: readonly Toast[]): void {
    this.#shown = shown
    this.#changes.notify()
  }
}
