import {
  ChatError,
  ERROR_CODES,
  LIMITS,
  SUBPROTOCOLS,
  type CloseName,
  type WireForm,
} from '@satchel/protocol'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import { STATUS_CODES } from 'node:http'
import type { BlockList } from 'node:net'
import { DISABLED } from 'uWebSockets.js'
import type {
  HttpRequest,
  HttpResponse,
  TemplatedApp,
  us_socket_context_t,
  WebSocket,
} from 'uWebSockets.js'
import { chatErrorOf } from '../chat-error-of.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Admission } from '../limits/admission.ts'
import { clientAddress } from '../limits/client-address.ts'
import type { OpenConnections } from '../limits/open-connections.ts'
import { SESSION_RULES } from '../limits/session-rules.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import type { Traffic } from '../traffic.ts'
import { Connection, type ConnectionDeps } from './connection.ts'
import type { FrameDispatcher } from './frame-dispatcher.ts'
import type { Session } from './session.ts'

export interface ServeSocketsDeps {
  readonly connections: ConnectionDeps
  readonly openConnections: Pick<OpenConnections, 'closed' | 'ended'>
  readonly admission: Admission
  readonly unauthenticated: Set<Connection>
  readonly trustedProxies: BlockList
  readonly dispatcher: FrameDispatcher
  readonly endSession: (session: Session) => void
  readonly isDraining: () => boolean
  readonly traffic: Traffic
  readonly time: MonotonicClock
  readonly telemetry: GatewayTelemetry
}

export const SOCKET_PATH = '/v1/socket'

/** What uWebSockets keeps with a socket. */
interface SocketData {
  readonly form: WireForm
  readonly address: string
  connection?: Connection
  messages?: TokenBucket
}

/** Longer messages than a client may send still get a close code; far longer ones end the connection. */
const MAX_PAYLOAD_BYTES = LIMITS.maxMessageBytes * 2
/** Far above our own steps: here nothing must ever be dropped. */
const MAX_BACKPRESSURE_BYTES = 16 * 1024 * 1024
const IDLE_TIMEOUT_SECONDS = 60
const UNFRIENDLY: ReadonlySet<CloseName> = new Set(['bad_frame', 'rate_limited', 'slow_socket'])

/** Puts the chat socket on `app`. */
export function serveSockets(app: TemplatedApp, deps: ServeSocketsDeps): void {
  app.ws<SocketData>(SOCKET_PATH, {
    maxPayloadLength: MAX_PAYLOAD_BYTES,
    maxBackpressure: MAX_BACKPRESSURE_BYTES,
    closeOnBackpressureLimit: false,
    compression: DISABLED,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => upgrade(deps, res, req, context),
    open: (ws) => open(deps, ws),
    message: (ws, message) => {
      deps.traffic.socket.received.add(message.byteLength)
      const connection = admitMessage(deps, ws)
      if (connection === undefined) return
      if (message.byteLength > LIMITS.maxMessageBytes) {
        deps.telemetry.frameRefused('too_large')
        connection.close('bad_frame', `a message has at most ${LIMITS.maxMessageBytes} bytes`)
      } else deps.dispatcher.take(connection, new Uint8Array(message))
    },
    ping: (ws) => void admitMessage(deps, ws),
    drain: (ws) => ws.getUserData().connection?.outbound.drained(),
    close: (ws) => {
      const { connection } = ws.getUserData()
      if (connection !== undefined && mayStay(connection)) deps.openConnections.ended()
      else deps.openConnections.closed()
      closed(deps, connection)
    },
  })
}

/** Everything is decided here and now: an upgrade that waits is a known hazard of the library. */
function upgrade(
  deps: ServeSocketsDeps,
  res: HttpResponse,
  req: HttpRequest,
  context: us_socket_context_t,
): void {
  try {
    if (deps.isDraining()) throw new ChatError('draining', 'the server is going away')
    const peer = new TextDecoder().decode(res.getRemoteAddressAsText())
    const address = clientAddress(deps.trustedProxies, peer, forwardedFor(req))
    const form = deps.admission.admit({
      address,
      origin: req.getHeader('origin'),
      host: req.getHeader('host'),
      protocols: req.getHeader('sec-websocket-protocol'),
      unauthenticated: deps.unauthenticated.size,
      nowMs: deps.time.elapsedMs(),
    })
    const data: SocketData = { form, address }
    const key = req.getHeader('sec-websocket-key')
    const extensions = req.getHeader('sec-websocket-extensions')
    res.upgrade(data, key, SUBPROTOCOLS[form], extensions, context)
  } catch (error) {
    refuse(deps, res, chatErrorOf(deps.telemetry, 'upgrade', error))
  }
}

/** Proxies add a line of their own, or to the last: by name the library gives the first, which may be the client's. */
function forwardedFor(req: HttpRequest): string {
  const lines: string[] = []
  req.forEach((name, value) => {
    if (name === 'x-forwarded-for') lines.push(value)
  })
  return lines.join(',')
}

function refuse(deps: ServeSocketsDeps, res: HttpResponse, error: ChatError): void {
  deps.telemetry.upgradeRefused(error.code)
  const { code, message, details } = error
  res.cork(() => {
    const { status } = ERROR_CODES[code]
    res.writeStatus(`${String(status)} ${STATUS_CODES[status] ?? ''}`)
    res.writeHeader('Content-Type', 'application/json')
    if (details.retryAfterMs !== undefined)
      res.writeHeader('Retry-After', String(Math.ceil(details.retryAfterMs / 1_000)))
    res.end(JSON.stringify({ error: { code, message, details } }), true)
  })
}

function open(deps: ServeSocketsDeps, ws: WebSocket<SocketData>): void {
  const data = ws.getUserData()
  const { form, address } = data
  const openedMs = deps.time.elapsedMs()
  data.connection = new Connection(deps.connections, ws, { form, address, openedMs })
  deps.unauthenticated.add(data.connection)
}

/** Whoever floods is closed before anything is decoded. */
function admitMessage(deps: ServeSocketsDeps, ws: WebSocket<SocketData>): Connection | undefined {
  const data = ws.getUserData()
  const { connection } = data
  if (connection === undefined) return undefined
  const rule = SESSION_RULES.messages
  const nowMs = deps.time.elapsedMs()
  data.messages ??= new TokenBucket(rule, nowMs)
  if (data.messages.take(rule, nowMs)) return connection
  connection.close('rate_limited')
  return undefined
}

/** Who was sent away for what they did, or before they said who they are, may not care that they were. */
function mayStay({ closedAs, session }: Connection): boolean {
  return closedAs !== undefined && (session === undefined || UNFRIENDLY.has(closedAs))
}

function closed(deps: ServeSocketsDeps, connection: Connection | undefined): void {
  if (connection === undefined) return
  connection.closed()
  deps.unauthenticated.delete(connection)
  const reason = connection.closedAs ?? 'client'
  deps.telemetry.socketClosed(reason)
  const { session } = connection
  if (session === undefined) return
  deps.endSession(session)
  deps.telemetry.sessionEnded({ sessionId: session.id, userId: session.userId, reason })
}
