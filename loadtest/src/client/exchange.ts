import {
  ChatError,
  parseErrorCode,
  parseResult,
  type ClientCodec,
  type ClientFrame,
  type PushFrame,
  type RequestFrameOf,
  type RequestName,
  type ResultOf,
  type ServerFrame,
} from '@satchel/protocol'

export interface ExchangeOptions {
  readonly codec: ClientCodec
  /** Puts one message on the wire. */
  readonly send: (message: Uint8Array<ArrayBuffer>) => void
  /** What the server sends of itself; `ping` is answered already. */
  readonly pushed: (frame: PushFrame) => void
}

export type RequestFields<Name extends RequestName> = Omit<
  RequestFrameOf<Name>,
  'type' | 'requestId'
>

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ChatError) => void
  readonly accepted: (() => void) | undefined
}

/** The frames of one socket, whatever carries them: answers find their requests. */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #waiting = new Map<number, Waiting>()
  #requestId = 0
  #isOver = false

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /**
   * Rejects with what the server answered, and with `retry` when the connection ended before.
   * `accepted` is called when the server says that a command is durable, but not yet decided.
   */
  request<Name extends RequestName>(
    name: Name,
    fields: RequestFields<Name>,
    accepted?: () => void,
  ): Promise<ResultOf<Name>> {
    const requestId = ++this.#requestId
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        reject(connectionLost())
        return
      }
      this.#waiting.set(requestId, {
        resolve: (value) => resolve(parseResult(name, value, 'msgpack')),
        reject,
        accepted,
      })
      this.send(parseRequestFrame(name, requestId, fields))
    })
  }

  send(frame: ClientFrame): void {
    const { codec, send } = this.#options
    send(codec.encode(frame))
  }

  /** A message of the server. Throws when it is not one of this protocol. */
  take(message: Uint8Array): void {
    for (const frame of this.#options.codec.decode(message)) {
      if (frame.type === 'unreadable') throw frame.error
      this.#takeFrame(frame)
    }
  }

  /** The connection has ended: what is unanswered, and whatever is asked from now on, is rejected with `retry`. */
  end(): void {
    this.#isOver = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(connectionLost())
  }

  #takeFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'result':
        this.#settle(frame.requestId)?.resolve(frame.value)
        return
      case 'error': {
        const code = parseErrorCode(frame.code) ?? 'internal'
        const error = new ChatError(code, frame.message, frame.details)
        this.#settle(frame.requestId)?.reject(error)
        return
      }
      case 'accepted':
        this.#waiting.get(frame.requestId)?.accepted?.()
        return
      case 'ping':
        this.send({ type: 'pong' })
        return
      default:
        this.#options.pushed(frame)
    }
  }

  #settle(requestId: number): Waiting | undefined {
    const waiting = this.#waiting.get(requestId)
    this.#waiting.delete(requestId)
    return waiting
  }
}

function connectionLost(): ChatError {
  return new ChatError('retry', 'the connection ended before the answer came')
}

/** The table's key and the frame's type are the same name, which the compiler cannot see. */
function parseRequestFrame<Name extends RequestName>(
  name: Name,
  requestId: number,
  fields: RequestFields<Name>,
): ClientFrame {
  return { type: name, requestId, ...fields } as unknown as ClientFrame
}
