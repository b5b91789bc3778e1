import type { WebSocketEvent, WebSocketLike } from '../../src/web-socket.ts'

export type Direction = 'up' | 'down'

/** The server's end of a socket. */
export interface ServerEnd {
  readonly protocol: string
  send(bytes: Uint8Array): void
  close(code: number): void
  onMessage: (bytes: Uint8Array) => void
  onClose: () => void
}

/** Sockets in memory: one message is one frame, in order, and any of them can be the last to get through. */
export class FakeNetwork {
  /** Called for each new socket. */
  accept: (end: ServerEnd) => void = () => undefined
  /** Sockets do not open at all. */
  isDown = false
  /** Frames that got through, both directions together. */
  frames = 0
  /** After so many frames, counted from the beginning, the sockets are cut; ascending. */
  cuts: readonly number[] = []
  readonly #links = new Set<FakeLink>()

  readonly open = (_url: string, protocol: string): WebSocketLike => {
    const link = new FakeLink(this, protocol, () => this.#links.delete(link))
    this.#links.add(link)
    queueMicrotask(() => {
      link.open()
    })
    return link.clientEnd
  }

  get openSockets(): number {
    return this.#links.size
  }

  /** Every socket is lost without a word. */
  cutAll(): void {
    for (const link of [...this.#links]) link.cut(1006)
  }

  /** Whether one more frame may pass. */
  countFrame(): boolean {
    const [next] = this.cuts
    if (next !== undefined && this.frames >= next) {
      this.cuts = this.cuts.slice(1)
      this.cutAll()
      return false
    }
    this.frames++
    return true
  }
}

class FakeLink {
  readonly clientEnd: WebSocketLike
  readonly #network: FakeNetwork
  readonly #onEnd: () => void
  readonly #listeners = new Map<string, ((event: WebSocketEvent) => void)[]>()
  readonly #serverEnd: ServerEnd
  #state: 'connecting' | 'open' | 'closed' = 'connecting'

  constructor(network: FakeNetwork, protocol: string, onEnd: () => void) {
    this.#network = network
    this.#onEnd = onEnd
    this.clientEnd = {
      binaryType: 'blob',
      send: (data) => {
        this.#pass(data, (bytes) => {
          this.#serverEnd.onMessage(bytes)
        })
      },
      close: (code = 1005) => {
        this.cut(code)
      },
      addEventListener: (type, listener) => {
        this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
      },
    }
    this.#serverEnd = {
      protocol,
      send: (bytes) => {
        this.#pass(bytes, (copy) => {
          this.#emit({ type: 'message', data: copy.buffer })
        })
      },
      close: (code) => {
        queueMicrotask(() => {
          this.cut(code)
        })
      },
      onMessage: () => undefined,
      onClose: () => undefined,
    }
  }

  open(): void {
    if (this.#state !== 'connecting') return
    if (this.#network.isDown) {
      // As in browsers: an error, then a close. Node says the error alone.
      this.#emit({ type: 'error' })
      this.cut(1006)
      return
    }
    this.#state = 'open'
    this.#network.accept(this.#serverEnd)
    this.#emit({ type: 'open' })
  }

  cut(code: number): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#onEnd()
    queueMicrotask(() => {
      this.#serverEnd.onClose()
      this.#emit({ type: 'close', code })
    })
  }

  #pass(data: Uint8Array, deliver: (copy: Uint8Array<ArrayBuffer>) => void): void {
    const copy = new Uint8Array(data)
    queueMicrotask(() => {
      if (this.#state === 'open' && this.#network.countFrame()) deliver(copy)
    })
  }

  #emit(event: WebSocketEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event)
  }
}
