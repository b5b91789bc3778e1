import type { GatewayBusTelemetry } from '../adapters/nats/gateway-bus.ts'
import type { QuotaWindowsTelemetry } from '../adapters/redis/quota-windows.ts'
import type { SessionRegistryTelemetry } from '../adapters/redis/session-registry.ts'
import type {
  BreakerState,
  ServerLoss,
  ServerName,
  ServerTelemetry,
} from '../adapters/server-telemetry.ts'
import {
  createMonotonicClock,
  type Log,
  type Metrics,
  type MonotonicClock,
} from '../runtime/index.ts'
import { Repeats } from '../runtime/repeats.ts'

type RedisTelemetry = SessionRegistryTelemetry & QuotaWindowsTelemetry

export type BackendTelemetry = ServerTelemetry & GatewayBusTelemetry & RedisTelemetry

const SECONDS_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const

/** What happens between a process and the servers it uses, as its operators learn of it. */
export function createBackendTelemetry(
  log: Log,
  metrics: Metrics,
  clock: MonotonicClock = createMonotonicClock(),
): BackendTelemetry {
  return {
    ...createServerTelemetry(log, metrics, clock),
    ...createBusTelemetry(log, metrics),
    ...createRedisTelemetry(log, metrics),
  }
}

function createServerTelemetry(log: Log, metrics: Metrics, clock: MonotonicClock): ServerTelemetry {
  const seconds = metrics.histogram({
    name: 'satchel_server_call_seconds',
    help: 'How long calls to NATS, Redis, Cassandra and S3 took that succeeded.',
    labels: ['server'],
    buckets: SECONDS_BUCKETS,
  })
  const failures = metrics.counter({
    name: 'satchel_server_failures_total',
    help: 'Calls to NATS, Redis, Cassandra and S3 that failed, by code.',
    labels: ['server', 'code'],
  })
  const states = new Map<ServerName, BreakerState>()
  metrics.gauge(
    {
      name: 'satchel_servers_out_of_reach',
      help: 'Servers of this process whose calls are refused without trying, or that it has no connection to.',
    },
    () => [...states.values()].filter((state) => state === 'open').length,
  )
  const lastCodes = new Map<ServerName, string>()
  const repeats = new Repeats(clock)
  const lost = (server: ServerName, { address, cause }: ServerLoss): void => {
    const unsaid = repeats.take(server)
    if (unsaid === undefined) return
    const { code = lastCodes.get(server), message } = factsOf(cause)
    log.warn({ server, address, code, cause: message, unsaid }, 'server out of reach')
  }
  return {
    called: (server, elapsedMs) => seconds.observe(elapsedMs / 1_000, { server }),
    failed: (server, code) => {
      failures.add(1, { server, code })
      lastCodes.set(server, code)
    },
    breaker: (server, state, loss = {}) => {
      const before = states.get(server)
      states.set(server, state)
      if (state === 'open') lost(server, loss)
      else if (state === 'closed' && before !== 'closed') {
        repeats.end(server)
        lastCodes.delete(server)
        log.info({ server }, 'server within reach')
      }
    },
  }
}

interface CauseFacts {
  readonly code?: string | undefined
  readonly message?: string | undefined
}

function factsOf(cause: unknown): CauseFacts {
  if (typeof cause === 'string') return { code: cause }
  // Of several addresses under one name none answered: what each said is inside, and outside nothing.
  if (cause instanceof AggregateError && cause.message === '') return factsOf(cause.errors[0])
  if (!(cause instanceof Error)) return {}
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return { code, message: cause.message }
}

function createBusTelemetry(log: Log, metrics: Metrics): GatewayBusTelemetry {
  const lost = metrics.counter({
    name: 'satchel_bus_messages_lost_total',
    help: 'Messages to gateways that were not sent, by reason; clients find what was in them by heads.',
    labels: ['reason'],
  })
  lost.expect([{ reason: 'disconnected' }, { reason: 'slow' }, { reason: 'refused' }])
  const unreadable = metrics.counter({
    name: 'satchel_bus_messages_unreadable_total',
    help: 'Messages from the bus that are none of ours.',
  })
  return {
    lost: (messages, reason) => lost.add(messages, { reason }),
    unreadable: (error) => {
      unreadable.add(1)
      log.warn({ error }, 'a message of the bus could not be read')
    },
    listenerFailed: (error) => log.error({ error }, 'a listener of the bus failed'),
  }
}

function createRedisTelemetry(log: Log, metrics: Metrics): RedisTelemetry {
  const restored = metrics.counter({
    name: 'satchel_sessions_restored_total',
    help: 'Sessions registered again after Redis had forgotten them.',
  })
  const alone = metrics.counter({
    name: 'satchel_quotas_judged_alone_total',
    help: 'Uses of quotas that this process judged by what it knows itself, since Redis did not answer.',
  })
  return {
    sessionsRestored: (sessions) => {
      restored.add(sessions)
      log.info({ sessions }, 'sessions registered again')
    },
    quotaJudgedAlone: () => alone.add(1),
  }
}
