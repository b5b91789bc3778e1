import type { ClientSignal, UserId } from '@satchel/protocol'
import type { CommandSubmitter } from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import type { Settings, Timers } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { GatewayTimes } from '../gateway-times.ts'
import type { UserTotals } from '../limits/user-totals.ts'
import type { MediaDeps } from '../media-deps.ts'
import type { Readiness } from '../readiness.ts'
import type { Traffic } from '../traffic.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { Audiences } from './audiences.ts'
import { createBusListener } from './bus-listener.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { createSeating, type Seating } from './create-seating.ts'
import type { Following } from './following.ts'
import { FrameDispatcher } from './frame-dispatcher.ts'
import { Greeter } from './greeter.ts'
import { Heartbeat } from './heartbeat.ts'
import { OUTBOUND_STEPS, OutboundFlusher, type OutboundSteps } from './outbound-flusher.ts'
import type { EventFormat } from './event-frames.ts'
import type { OutOfReach } from './out-of-reach.ts'
import type { RequestHandlers } from './requests/request-handlers.ts'
import { createChannelRequests } from './requests/channel-requests.ts'
import { createCommandRequest } from './requests/command-request.ts'
import { createLinkRequests } from './requests/link-requests.ts'
import { createPeopleRequests } from './requests/people-requests.ts'
import { createReadingRequests } from './requests/reading-requests.ts'
import { createSessionRequests } from './requests/session-requests.ts'
import { createUploadRequests } from './requests/upload-requests.ts'
import type { Session } from './session.ts'
import { SessionTable } from './session-table.ts'
import { createServerCodecs } from './shared-frame.ts'
import { ActivitySignals } from './signals/activity-signals.ts'
import { MarkSignals } from './signals/mark-signals.ts'
import { PresenceSignals } from './signals/presence-signals.ts'
import { SignalRouter } from './signals/signal-router.ts'
import { UploadProgressSignals } from './signals/upload-progress-signals.ts'

export interface SocketLayerDeps {
  readonly gatewayId: string
  readonly backend: Backend
  readonly outOfReach: OutOfReach
  readonly media: MediaDeps
  readonly submitter: CommandSubmitter
  readonly tokens: TokenVerifier
  readonly settings: Settings
  readonly time: Timers
  readonly telemetry: GatewayTelemetry
  readonly isClosing: () => boolean
  readonly readiness: Readiness
  readonly commandTotals: UserTotals
  readonly socketRequestTotals: UserTotals
  readonly httpRequestTotals: UserTotals
  readonly traffic: Traffic
  readonly times: GatewayTimes
  readonly outboundSteps?: OutboundSteps | undefined
}

/** Everything behind the sockets, put together. */
export interface SocketLayer {
  readonly connections: ConnectionDeps
  readonly flusher: OutboundFlusher
  readonly sessions: SessionTable
  readonly unauthenticated: Set<Connection>
  readonly dispatcher: FrameDispatcher
  readonly audiences: Audiences
  readonly following: Following
  endSession(session: Session): void
  /** Listens to the bus and the clock until the returned function is called. */
  start(): () => void
}

export function createSocketLayer(deps: SocketLayerDeps): SocketLayer {
  const { gatewayId, backend, media, submitter, settings, time, telemetry } = deps
  const { clock, bus, sessions: registry } = backend
  const codecs = createServerCodecs()
  const format = { codecs, links: media.links.links, clock }
  const flusher = new OutboundFlusher({
    steps: deps.outboundSteps ?? OUTBOUND_STEPS,
    budgetBytes: settings.outboundBudgetBytes,
    busyIntervalMs: settings.busySocketMs,
    timers: time,
    sent: deps.traffic.socket.sent,
  })
  const sessions = new SessionTable()
  const unauthenticated = new Set<Connection>()
  const presence = new PresenceSignals({ ...backend, queries: backend, codecs, telemetry })
  const parted = (userId: UserId): void => presence.doubt(userId, sessions.of(userId))
  const seating = createSeating({ ...deps, ...format, sessions, parted })
  const signals = createSignals(deps)
  const parts = { ...deps, ...format, ...seating, sessions, unauthenticated, presence, registry }
  const greeter = new Greeter({
    ...parts,
    queries: backend,
    maxSessions: settings.maxSessions,
    enforceLimits: settings.limits,
    uploadPolicy: media.uploads.settings,
  })
  const dispatcher = new FrameDispatcher({
    ...parts,
    greeter,
    requests: createRequests(parts),
    takeSignal: signals.take,
    enforceLimits: settings.limits,
  })
  const heartbeat = new Heartbeat({ ...parts, flusher, marks: signals.marks, time })
  const listener = createBusListener({ ...parts, submitter })
  return {
    connections: { codecs, flusher, telemetry },
    flusher,
    sessions,
    unauthenticated,
    dispatcher,
    ...seating,
    endSession: createSessionEnding(parts),
    start() {
      const { gapRepair, lateSeats, following } = seating
      const ends = [
        bus.listen(gatewayId, listener),
        bus.watchGaps(() => gapRepair.begin()),
        registry.watchGaps(() => gapRepair.begin()),
        () => gapRepair.stop(),
        () => [lateSeats, following].forEach((waiter) => deps.outOfReach.giveUp(waiter)),
        backend.presence.watch((state) => presence.changed(state)),
        heartbeat.start(),
      ]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

type RequestParts = SocketLayerDeps &
  EventFormat &
  Seating & { readonly sessions: SessionTable; readonly presence: PresenceSignals }

function createRequests(parts: RequestParts): RequestHandlers {
  const { backend: queries, media, settings } = parts
  return {
    ...createSessionRequests({ ...parts, queries }),
    ...createCommandRequest({ ...parts, enforceLimits: settings.limits }),
    ...createReadingRequests({ ...parts, queries }),
    ...createChannelRequests(parts.following),
    ...createPeopleRequests({ ...parts, queries, directory: settings.directory }),
    ...createUploadRequests(media),
    ...createLinkRequests(media.links),
  }
}

interface Signals {
  readonly marks: MarkSignals
  readonly take: (session: Session, signal: ClientSignal) => void
}

function createSignals(deps: SocketLayerDeps): Signals {
  const { gatewayId, backend, media, time, telemetry } = deps
  const router = new SignalRouter({
    gatewayId,
    bus: backend.bus,
    registry: backend.sessions,
    members: backend.members,
    time,
  })
  const marks = new MarkSignals({ queries: backend, router, telemetry })
  const activities = new ActivitySignals({ router, time, telemetry })
  const uploads = new UploadProgressSignals({ uploads: media.uploads, router, time, telemetry })
  return {
    marks,
    take: (session, signal) => {
      switch (signal.type) {
        case 'mark':
          marks.take(session, signal.conversationId, signal.mark, signal.seq)
          return
        case 'activity':
          activities.take(session, signal.conversationId, signal.activity)
          return
        case 'upload_progress':
          uploads.take(session, signal.attachmentId, signal.sentBytes)
          return
        case 'pong':
          return
        default:
          signal satisfies never
      }
    },
  }
}

function createSessionEnding(
  deps: Pick<SocketLayerDeps, 'gatewayId' | 'backend' | 'outOfReach' | 'telemetry'> & {
    readonly sessions: SessionTable
    readonly audiences: Audiences
    readonly presence: PresenceSignals
  },
): (session: Session) => void {
  const { gatewayId, backend, telemetry, sessions, audiences, outOfReach, presence } = deps
  return (session) => {
    sessions.remove(session)
    audiences.removeAll(session)
    outOfReach.giveUp(session)
    presence.leave(session)
    const { id: sessionId, userId, deviceId } = session
    backend.sessions
      .unregister({ sessionId, userId, deviceId, gatewayId })
      .catch((error: unknown) => telemetry.signalFailed('unregister', error))
  }
}
