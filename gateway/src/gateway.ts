import { randomBytes } from 'node:crypto'
import { createSubmitter, type CommandSubmitter } from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import {
  CloseStack,
  createTimers,
  type Log,
  type Metrics,
  type Settings,
} from '@satchel/chat-core/runtime'
import { App } from 'uWebSockets.js'
import { countConnections } from './count-connections.ts'
import { drain } from './drain.ts'
import { countGateway } from './gateway-gauges.ts'
import { createGatewayTelemetry } from './gateway-telemetry.ts'
import { GATEWAY_TIMES, type GatewayTimes } from './gateway-times.ts'
import type { AnyApiOperation } from './http/api/api-operation.ts'
import { apiOperations } from './http/api/api-operations.ts'
import { createRoutes } from './http/routes.ts'
import { serveHttp } from './http/serve-http.ts'
import { Admission } from './limits/admission.ts'
import { trustedNetworks } from './limits/client-address.ts'
import { OpenConnections, mostConnections } from './limits/open-connections.ts'
import { readOpenFilesLimit } from './limits/open-files-limit.ts'
import { SESSION_RULES } from './limits/session-rules.ts'
import { UserTotals, type UserTotalsDeps } from './limits/user-totals.ts'
import { listen } from './listen.ts'
import { openMediaDeps, type MediaDeps } from './media-deps.ts'
import { Readiness } from './readiness.ts'
import type { OutboundSteps } from './socket/outbound-flusher.ts'
import { OutOfReach } from './socket/out-of-reach.ts'
import { serveSockets } from './socket/serve-sockets.ts'
import { createSocketLayer } from './socket/socket-layer.ts'
import { withinReach } from './socket/within-reach.ts'
import { readTokenKeys } from './tokens/token-keys.ts'
import { createTraffic } from './traffic.ts'
import { createTokenVerifier } from './tokens/token-verifier.ts'
import type { WebFile } from './web-client/bundle-web-client.ts'

export interface GatewayDeps {
  readonly backend: Backend
  /** With every secret filled in. */
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
  /** What is served at `/`; it may still be in the making. */
  readonly webClient: Promise<ReadonlyMap<string, WebFile>>
  /** Tests go through these faster. */
  readonly times?: Partial<GatewayTimes> | undefined
  readonly outboundSteps?: OutboundSteps | undefined
}

export interface RunningGateway {
  readonly gatewayId: string
  readonly port: number
  /** As many as the system's limit of open files leaves room for. */
  readonly mostConnections: number
  readonly media: MediaDeps
  readonly submitter: CommandSubmitter
  /** What its HTTP API can do. */
  readonly operations: readonly AnyApiOperation[]
  /** Lets everybody go in order; new sockets are refused from the first moment on. */
  drain(): Promise<void>
  /** Ends what is left at once. */
  close(): Promise<void>
}

/** Opens a gateway: sockets and HTTP on one port, over the ports of `backend`. */
export async function openGateway(deps: GatewayDeps): Promise<RunningGateway> {
  const { settings, log, metrics } = deps
  const gatewayId = `gateway-${randomBytes(6).toString('hex')}`
  const time = createTimers()
  const telemetry = createGatewayTelemetry(log, metrics)
  const outOfReach = new OutOfReach({ members: deps.backend.members, telemetry })
  const backend = withinReach(deps.backend, outOfReach)
  const phase = { isDraining: false, isClosing: false }
  const submitter = createSubmitter(backend, gatewayId)
  const media = await openMediaDeps({ ...deps, backend, submitter, telemetry })
  const tokens = createTokenVerifier(await readTokenKeys(settings), audienceOf(settings))
  const isClosing = (): boolean => phase.isClosing
  const isDraining = (): boolean => phase.isDraining
  const times = { ...GATEWAY_TIMES, ...deps.times }
  const readiness = new Readiness({ bus: backend.bus, time, isDraining, times })
  const traffic = createTraffic(metrics)
  const common = { gatewayId, submitter, media, tokens, time, times, telemetry, readiness }
  const totals = createTotals({ quotas: backend.quotas, time, telemetry }, settings)
  const shared = { ...deps, backend, outOfReach, ...common, ...totals, traffic, isClosing }
  const sockets = createSocketLayer(shared)
  const trustedProxies = trustedNetworks(settings.trustedProxies)
  const connections = new OpenConnections(mostConnections(readOpenFilesLimit()), time)
  const app = App()
  countConnections(app, connections, telemetry)
  serveSockets(app, {
    ...sockets,
    openConnections: connections,
    admission: new Admission(settings),
    trustedProxies,
    isDraining,
    traffic,
    time,
    telemetry,
  })
  const operations = apiOperations({ ...shared, ...sockets })
  const routes = createRoutes({ ...shared, operations, trustedProxies })
  serveHttp(app, { routes, origins: settings.origins, traffic, time, telemetry })
  countGateway(metrics, { ...shared, ...sockets, openConnections: connections, bus: backend.bus })
  // First of what has to be closed: the port may be taken.
  const listener = await listen(app, settings.host, settings.port)
  const closing = new CloseStack()
  closing.add('audit', () => media.audit.close())
  closing.add('app', () => void app.close())
  closing.add('listener', () => listener.stop())
  closing.add('submitter', () => submitter.close())
  closing.add('socket layer', sockets.start())
  return {
    gatewayId,
    port: listener.port,
    mostConnections: connections.most,
    media,
    submitter,
    operations,
    async drain() {
      phase.isDraining = true
      const stopTaking = (): void => void (phase.isClosing = true)
      await drain({ ...shared, ...sockets, listener, drainMs: settings.drainMs, stopTaking })
    },
    close: () => closing.close(),
  }
}

function audienceOf({ tokenIssuer, tokenAudience }: Settings) {
  return { issuer: tokenIssuer, audience: tokenAudience }
}

/** What a user does in all sessions, at all gateways. */
interface Totals {
  readonly commandTotals: UserTotals
  readonly socketRequestTotals: UserTotals
  readonly httpRequestTotals: UserTotals
}

function createTotals(
  deps: UserTotalsDeps,
  { requestsPerUser }: Pick<Settings, 'requestsPerUser'>,
): Totals {
  const byHttp = { perSecond: requestsPerUser, burst: requestsPerUser * 5 }
  const { commandsOfUser, requestsOfUser } = SESSION_RULES
  return {
    commandTotals: new UserTotals(deps, 'commands', commandsOfUser),
    socketRequestTotals: new UserTotals(deps, 'requests by socket', requestsOfUser),
    httpRequestTotals: new UserTotals(deps, 'requests', byHttp),
  }
}
