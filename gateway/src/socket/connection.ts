import {
  CLOSE_CODES,
  formatResult,
  type ChatError,
  type ClientFrame,
  type CloseName,
  type RequestName,
  type ResultOf,
  type ServerFrame,
  type WireForm,
} from '@satchel/protocol'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { OutboundQueue, type OutboundListener, type OutboundSocket } from './outbound-queue.ts'
import type { OutboundFlusher } from './outbound-flusher.ts'
import type { SessionConnection } from './session-connection.ts'
import type { Session } from './session.ts'
import type { ServerCodecs, SharedFrame } from './shared-frame.ts'

/** A close frame has room for 123 bytes; our words are ASCII. */
const MAX_REASON_CHARACTERS = 120

/** What a connection needs of a WebSocket. */
export interface ConnectionSocket extends OutboundSocket {
  /** Ends the connection with a close frame behind what is on its way. */
  end(code: number, reason: string): void
  /** Ends it at once. */
  close(): void
}

export interface ConnectionOptions {
  readonly form: WireForm
  readonly address: string
  readonly openedMs: number
}

export interface ConnectionDeps {
  readonly codecs: ServerCodecs
  readonly flusher: OutboundFlusher
  readonly telemetry: Pick<GatewayTelemetry, 'sessionLags'>
}

/** One WebSocket: before `hello` nobody's, afterwards a session's. */
export class Connection implements OutboundListener, SessionConnection {
  readonly form: WireForm
  readonly address: string
  readonly openedMs: number
  readonly outbound: OutboundQueue
  /** There from a valid `hello` on. */
  session: Session | undefined
  /** A `hello` is being looked at. */
  isGreeting = false
  /** What came behind `hello`, until it is answered. */
  held: ClientFrame[] | undefined
  /** What the server said when it closed the connection. */
  closedAs: CloseName | undefined
  readonly #codecs: ServerCodecs
  readonly #telemetry: ConnectionDeps['telemetry']
  #socket: ConnectionSocket | undefined

  constructor(deps: ConnectionDeps, socket: ConnectionSocket, options: ConnectionOptions) {
    this.form = options.form
    this.address = options.address
    this.openedMs = options.openedMs
    this.#codecs = deps.codecs
    this.#telemetry = deps.telemetry
    this.#socket = socket
    this.outbound = new OutboundQueue(
      socket,
      { isBinary: options.form === 'msgpack', flusher: deps.flusher },
      this,
    )
  }

  get isClosed(): boolean {
    return this.#socket === undefined
  }

  lagging(): void {
    if (this.session === undefined) return
    this.#telemetry.sessionLags(this.session.id)
    this.session.outboundLags()
  }

  recovered(): void {
    this.session?.outboundRecovered()
  }

  tooSlow(): void {
    this.close('slow_socket')
  }

  /** A frame for this connection alone. */
  send(frame: ServerFrame): void {
    if (!this.isClosed) this.outbound.push(this.#codecs[this.form].encode(frame))
  }

  sendSignal(frame: SharedFrame): void {
    if (!this.isClosed) this.outbound.offerSignal(frame.bytes(this.form))
  }

  answer<Name extends RequestName>(requestId: number, name: Name, value: ResultOf<Name>): void {
    this.send({ type: 'result', requestId, value: formatResult(name, value, this.form) })
  }

  refuse(requestId: number, error: ChatError): void {
    const { code, message, details } = error
    this.send({ type: 'error', requestId, code, message: message.slice(0, 300), details })
  }

  /** Says why, behind everything that was sent before. `detail` is for whoever writes a client. */
  close(name: CloseName, detail?: string): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.closedAs = name
    if (name !== 'slow_socket') this.outbound.flush()
    // Flushing may have found the socket too slow, and closed it.
    if (this.isClosed) return
    const reason = detail === undefined ? name : `${name}: ${detail}`
    socket.end(CLOSE_CODES[name].code, reason.slice(0, MAX_REASON_CHARACTERS))
  }

  /** The socket is gone; called by its close handler. */
  closed(): void {
    this.#socket = undefined
    this.outbound.close()
  }
}
