import {
  CLOSE_CODES,
  REQUESTS,
  type CloseName,
  type ConversationId,
  type ErrorCode,
  type SessionId,
  type UserId,
} from '@satchel/protocol'
import type { Erasure } from '@satchel/chat-core/ports'
import type { Log, Metrics } from '@satchel/chat-core/runtime'

/** What happens in a gateway, as its operators learn of it: one function per event. */
export interface GatewayTelemetry {
  connectionShed(): void
  upgradeRefused(code: ErrorCode): void
  sessionBegan(facts: {
    readonly sessionId: SessionId
    readonly userId: UserId
    readonly ms: number
  }): void
  sessionEnded(facts: {
    readonly sessionId: SessionId
    readonly userId: UserId
    readonly reason: CloseName | 'client'
  }): void
  socketClosed(reason: CloseName | 'client'): void
  frameRefused(code: ErrorCode): void
  requestRefused(request: string, code: ErrorCode): void
  requestAnswered(request: string, ms: number): void
  httpAnswered(route: string, status: number, ms: number): void
  delivered(events: number): void
  sessionLags(sessionId: SessionId): void
  replayed(events: number): void
  replayFailed(conversationId: ConversationId, error: unknown): void
  /** Nobody can be asked about some conversations, this one first. */
  outOfReach(conversationId: ConversationId, error: unknown): void
  /** All of them can be asked about again. */
  backInReach(): void
  /** What a user does at all gateways together could not be learned. */
  totalsUnknown(error: unknown): void
  /** No media worker answered about an upload. */
  uploadUnserved(): void
  /** Messages for this gateway may have been lost. */
  gapFound(): void
  /** Finding what was lost has to wait. */
  gapRepairFailed(error: unknown): void
  signalFailed(signal: string, error: unknown): void
  busMessageFailed(type: string, error: unknown): void
  /** Gives the id under which the fault is found in the log. */
  fault(where: string, error: unknown): string
  /** Nothing is left to be done for an erased user. */
  userErased(erasure: Erasure): void
  draining(sessions: number): void
  drained(facts: { readonly ms: number; readonly unanswered: number }): void
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Where there may be faults, beside the routes of the HTTP API and messages of the bus. */
const FAULT_PLACES = [
  ...['decode', 'hello', 'late seat', 'late seats', 'missed events', 'out of reach', 'replay'],
  ...['upgrade', ...Object.keys(REQUESTS)],
]

const SIGNALS = [
  ...['activity', 'following', 'mark', 'presence', 'register', 'unregister', 'upload_progress'],
]

export function createGatewayTelemetry(log: Log, metrics: Metrics): GatewayTelemetry {
  metrics.plays('gateway')
  return {
    ...socketTelemetry(log, metrics),
    ...requestTelemetry(log, metrics),
    ...reachTelemetry(log, metrics),
    ...lifeTelemetry(log),
  }
}

type SocketEvents =
  | 'connectionShed'
  | 'upgradeRefused'
  | 'sessionBegan'
  | 'sessionEnded'
  | 'socketClosed'
  | 'frameRefused'
  | 'delivered'
  | 'sessionLags'
  | 'replayed'

function socketTelemetry(log: Log, metrics: Metrics): Pick<GatewayTelemetry, SocketEvents> {
  const shed = metrics.counter({
    name: 'satchel_connections_shed_total',
    help: 'Connections closed as they came: the system lets the process open no more files.',
  })
  const refused = metrics.counter({
    name: 'satchel_upgrades_refused_total',
    help: 'WebSocket upgrades that were refused, by error code.',
    labels: ['code'],
  })
  const began = metrics.histogram({
    name: 'satchel_session_start_seconds',
    help: 'From `hello` to `welcome`.',
    buckets: SECONDS,
  })
  const closed = metrics.counter({
    name: 'satchel_sockets_closed_total',
    help: 'Sockets that ended, by close code name; `client` where the client or the network ended it.',
    labels: ['reason'],
  })
  closed.expect(['client', ...Object.keys(CLOSE_CODES)].map((reason) => ({ reason })))
  const frames = metrics.counter({
    name: 'satchel_frames_refused_total',
    help: 'Frames that were not understood, by error code.',
    labels: ['code'],
  })
  const delivered = metrics.counter({
    name: 'satchel_events_received_total',
    help: 'Committed events that reached this gateway for its sessions.',
  })
  const lagging = metrics.counter({
    name: 'satchel_sessions_lagging_total',
    help: 'Times a session took too little and live events were stopped for it.',
  })
  const replayed = metrics.counter({
    name: 'satchel_events_replayed_total',
    help: 'Events sent because a session had missed them.',
  })
  return {
    connectionShed: () => shed.add(1),
    upgradeRefused: (code) => refused.add(1, { code }),
    sessionBegan: ({ ms, ...facts }) => {
      began.observe(ms / 1_000)
      log.debug({ ...facts, ms }, 'session began')
    },
    sessionEnded: (facts) => log.debug(facts, 'session ended'),
    socketClosed: (reason) => closed.add(1, { reason }),
    frameRefused: (code) => frames.add(1, { code }),
    delivered: (events) => delivered.add(events),
    sessionLags: (sessionId) => {
      lagging.add(1)
      log.debug({ sessionId }, 'session lags')
    },
    replayed: (events) => replayed.add(events),
  }
}

type RequestEvents =
  | 'requestRefused'
  | 'requestAnswered'
  | 'httpAnswered'
  | 'signalFailed'
  | 'busMessageFailed'
  | 'fault'

function requestTelemetry(log: Log, metrics: Metrics): Pick<GatewayTelemetry, RequestEvents> {
  const refused = metrics.counter({
    name: 'satchel_requests_refused_total',
    help: 'Requests over sockets that were answered with an error, by request and code.',
    labels: ['request', 'code'],
  })
  const answered = metrics.histogram({
    name: 'satchel_request_seconds',
    help: 'Time to answer a request over a socket, by request.',
    labels: ['request'],
    buckets: SECONDS,
  })
  const http = metrics.histogram({
    name: 'satchel_http_request_seconds',
    help: 'Time to answer an HTTP request, by route and status.',
    labels: ['route', 'status'],
    buckets: SECONDS,
  })
  const faults = metrics.counter({
    name: 'satchel_faults_total',
    help: 'Errors nobody foresaw, by place. Each is in the log with an id.',
    labels: ['where'],
  })
  faults.expect(FAULT_PLACES.map((where) => ({ where })))
  const signals = metrics.counter({
    name: 'satchel_signals_failed_total',
    help: 'Signals (marks, typing, presence …) that could not be passed on.',
    labels: ['signal'],
  })
  signals.expect(SIGNALS.map((signal) => ({ signal })))
  const fault = (where: string, error: unknown): string => {
    const id = globalThis.crypto.randomUUID().slice(0, 8)
    faults.add(1, { where })
    log.error({ id, where, error }, 'fault')
    return id
  }
  return {
    requestRefused: (request, code) => refused.add(1, { request, code }),
    requestAnswered: (request, ms) => answered.observe(ms / 1_000, { request }),
    httpAnswered: (route, status, ms) =>
      http.observe(ms / 1_000, { route, status: String(status) }),
    signalFailed: (signal, error) => {
      signals.add(1, { signal })
      log.debug({ signal, error }, 'signal failed')
    },
    busMessageFailed: (type, error) => {
      fault(`bus ${type}`, error)
    },
    fault,
  }
}

type ReachEvents =
  | 'replayFailed'
  | 'outOfReach'
  | 'backInReach'
  | 'gapFound'
  | 'gapRepairFailed'
  | 'totalsUnknown'
  | 'uploadUnserved'

function reachTelemetry(log: Log, metrics: Metrics): Pick<GatewayTelemetry, ReachEvents> {
  const failed = metrics.counter({
    name: 'satchel_replays_failed_total',
    help: 'Replays put off because something needed was out of reach.',
  })
  const gaps = metrics.counter({
    name: 'satchel_gaps_total',
    help: 'Times messages for this gateway may have been lost, and what was missed is looked for.',
  })
  const unknown = metrics.counter({
    name: 'satchel_totals_unknown_total',
    help: 'Times it could not be learned what a user did at all gateways together; nobody is refused for it.',
  })
  const unserved = metrics.counter({
    name: 'satchel_upload_requests_unserved_total',
    help: 'Requests about uploads that a gateway of several answered itself, because no media worker did.',
  })
  let isRepairTold = false
  return {
    replayFailed: (conversationId, error) => {
      failed.add(1)
      log.debug({ conversationId, error }, 'replay put off')
    },
    outOfReach: (conversationId, error) =>
      log.warn({ conversationId, error }, 'nobody answers about some conversations'),
    backInReach: () => log.info({}, 'every conversation can be asked about again'),
    gapFound: () => {
      gaps.add(1)
      isRepairTold = false
      log.warn({}, 'messages may have been lost; looking for what was missed')
    },
    totalsUnknown: (error) => {
      unknown.add(1)
      log.debug({ error }, 'totals of a user unknown')
    },
    uploadUnserved: () => unserved.add(1),
    gapRepairFailed: (error) => {
      // It is tried again every few seconds, for many users at once.
      const told = 'what was missed cannot be looked for yet'
      if (isRepairTold) log.debug({ error }, told)
      else log.warn({ error }, told)
      isRepairTold = true
    },
  }
}

function lifeTelemetry(log: Log): Pick<GatewayTelemetry, 'userErased' | 'draining' | 'drained'> {
  return {
    userErased: (erasure) => log.info({ ...erasure }, 'user erased'),
    draining: (sessions) => log.info({ sessions }, 'draining'),
    drained: (facts) => log.info(facts, 'drained'),
  }
}
