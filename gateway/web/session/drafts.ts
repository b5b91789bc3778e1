import type { Conversation } from '@satchel/client'
import type { LocalPreviews } from '../attachment/local-previews.ts'
import { Tray } from '../composer/tray.ts'

/** What was written and attached and not sent, by conversation, until the page is left. */
export class Drafts {
  readonly #texts = new WeakMap<Conversation, string>()
  readonly #trays = new WeakMap<Conversation, Tray>()
  readonly #previews: LocalPreviews

  constructor(previews: LocalPreviews) {
    this.#previews = previews
  }

  textOf(conversation: Conversation): string {
    return this.#texts.get(conversation) ?? ''
  }

  setText(conversation: Conversation, text: string): void {
    this.#texts.set(conversation, text)
  }

  trayOf(conversation: Conversation): Tray {
    const known = this.#trays.get(conversation)
    if (known !== undefined) return known
    const tray = new Tray({ conversation, previews: this.#previews })
    this.#trays.set(conversation, tray)
    return tray
  }
}
