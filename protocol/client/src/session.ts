import {
  ChatError,
  SUBPROTOCOLS,
  TIMES,
  createClientCodec,
  parseErrorCode,
  parseResult,
} from '@satchel/protocol'
import type {
  ClientCodec,
  ClientSignal,
  PushFrame,
  RequestFrame,
  ResultOf,
  ServerFrame,
  WireForm,
} from '@satchel/protocol'
import type { Clock } from './clock.ts'
import type { Unsubscribe } from './emitter.ts'
import { toChatError } from './to-chat-error.ts'
import type { OpenWebSocket, WebSocketLike } from './web-socket.ts'

type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'requestId'> : never
/** A request before the session gives it its number. */
export type UnnumberedRequest = WithoutId<RequestFrame>

export interface AnswerHandlers<Request extends UnnumberedRequest> {
  onResult(value: ResultOf<Request['type']>): void
  onError(error: ChatError): void
  /** The command is durable and its final answer still to come. */
  onAccepted?(): void
}

interface Pending {
  onResult(value: unknown): void
  onError(error: ChatError): void
  onAccepted(): void
}

export interface SessionHandlers {
  onOpen(): void
  onPush(frame: PushFrame): void
  /**
   * The socket is gone; comes once, and nothing after it. Requests without an answer get none.
   * `error` says what happened, where the close code is none of the protocol's.
   */
  onEnd(closeCode: number, error: ChatError): void
}

export interface SessionSettings {
  readonly url: string
  readonly form: WireForm
  readonly openWebSocket: OpenWebSocket
  readonly clock: Clock
}

/** What ends a session whose server said nothing for too long: what browsers report for a lost connection. */
const LOST = 1006
const CLOSED_NORMALLY = 1000
const REQUEST_ID_MAX = 0xffff_ffff

/** One socket from opening to its end: frames to bytes, answers to requests, pings to pongs. */
export class Session {
  readonly #clock: Clock
  readonly #url: string
  readonly #codec: ClientCodec
  readonly #socket: WebSocketLike
  readonly #handlers: SessionHandlers
  readonly #pending = new Map<number, Pending>()
  #requestId = 0
  #isOpen = false
  #hasEnded = false
  #heardAtMs: number
  #stopListeningForSilence: Unsubscribe

  constructor(settings: SessionSettings, handlers: SessionHandlers) {
    this.#clock = settings.clock
    this.#url = settings.url
    this.#handlers = handlers
    this.#codec = createClientCodec(settings.form)
    this.#heardAtMs = settings.clock.now()
    this.#socket = openSocket(settings)
    this.#socket.binaryType = 'arraybuffer'
    this.#stopListeningForSilence = this.#listenForSilence(TIMES.silenceMs)
    this.#socket.addEventListener('open', () => {
      if (this.#hasEnded) return
      this.#isOpen = true
      handlers.onOpen()
    })
    this.#socket.addEventListener('message', (event) => {
      this.#receive(event.data)
    })
    this.#socket.addEventListener('close', ({ code = LOST }) => {
      this.#end(
        code,
        this.#isOpen ? `was lost (close code ${String(code)})` : 'could not be opened',
      )
    })
    this.#socket.addEventListener('error', ({ error }) => {
      // Node tells of a socket that could not be opened with an error alone. Of an open one a close follows, whose
      // code says more.
      if (!this.#isOpen) this.#end(LOST, 'could not be opened', error)
    })
  }

  /** Sends a request; the answer comes to the handlers, or never when the session ends first. */
  ask<Request extends UnnumberedRequest>(
    request: Request,
    handlers: AnswerHandlers<Request>,
  ): void {
    this.#requestId = this.#requestId === REQUEST_ID_MAX ? 1 : this.#requestId + 1
    const plain: UnnumberedRequest = request
    this.#pending.set(this.#requestId, {
      onResult: (value) => {
        let result: ResultOf<Request['type']>
        try {
          result = parseResult<Request['type']>(request.type, value, this.#codec.form)
        } catch (error) {
          handlers.onError(toChatError(error, 'internal', 'an answer could not be read'))
          return
        }
        handlers.onResult(result)
      },
      onError: (error) => {
        handlers.onError(error)
      },
      onAccepted: () => handlers.onAccepted?.(),
    })
    this.#send(this.#codec.encode({ ...plain, requestId: this.#requestId }))
  }

  /** Sends what may be lost. */
  signal(frame: ClientSignal): void {
    this.#send(this.#codec.encode(frame))
  }

  /** Ends the session at once, without waiting for the other side. */
  close(): void {
    this.#end(CLOSED_NORMALLY, 'was closed')
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isOpen && !this.#hasEnded) this.#socket.send(bytes)
  }

  #receive(data: unknown): void {
    if (this.#hasEnded) return
    this.#heardAtMs = this.#clock.now()
    let frames
    try {
      frames = this.#codec.decode(bytesOf(data))
    } catch (error) {
      this.#end(LOST, 'brought a message that cannot be read', error)
      return
    }
    for (const frame of frames) {
      // A handler may have ended the session; what came in the same message is then nobody's.
      if (this.#isOver()) return
      // What a newer server says and this client does not understand is left out.
      if (frame.type !== 'unreadable') this.#dispatch(frame)
    }
  }

  #dispatch(frame: ServerFrame): void {
    switch (frame.type) {
      case 'result':
        this.#take(frame.requestId)?.onResult(frame.value)
        return
      case 'error':
        this.#take(frame.requestId)?.onError(
          new ChatError(parseErrorCode(frame.code) ?? 'internal', frame.message, frame.details),
        )
        return
      case 'accepted':
        this.#pending.get(frame.requestId)?.onAccepted()
        return
      case 'ping':
        this.signal({ type: 'pong' })
        return
      default:
        this.#handlers.onPush(frame)
    }
  }

  #take(requestId: number): Pending | undefined {
    const pending = this.#pending.get(requestId)
    this.#pending.delete(requestId)
    return pending
  }

  #listenForSilence(delayMs: number): Unsubscribe {
    return this.#clock.setTimer(delayMs, () => {
      const leftMs = this.#heardAtMs + TIMES.silenceMs - this.#clock.now()
      if (leftMs > 0) this.#stopListeningForSilence = this.#listenForSilence(leftMs)
      else this.#end(LOST, `was silent for ${String(TIMES.silenceMs)} ms`)
    })
  }

  #isOver(): boolean {
    return this.#hasEnded
  }

  /** Idempotent: an error may be followed by a close, and `close` may report an error itself. */
  #end(closeCode: number, what: string, cause?: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#stopListeningForSilence()
    this.#pending.clear()
    this.#socket.close(CLOSED_NORMALLY)
    this.#handlers.onEnd(closeCode, connectionError(this.#url, what, cause))
  }
}

function openSocket({ openWebSocket, url, form }: SessionSettings): WebSocketLike {
  try {
    return openWebSocket(url, SUBPROTOCOLS[form])
  } catch (error) {
    throw connectionError(url, 'could not be opened', error)
  }
}

function connectionError(url: string, what: string, cause: unknown): ChatError {
  return new ChatError('unavailable', `the connection to ${url} ${what}`, { cause })
}

function bytesOf(data: unknown): Uint8Array | string {
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  if (data instanceof Uint8Array) return data
  throw new ChatError('bad_frame', 'the message is neither bytes nor text')
}
