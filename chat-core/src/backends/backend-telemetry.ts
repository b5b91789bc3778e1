import type { GatewayBusTelemetry } from '../adapters/nats/gateway-bus.ts'
import type { QuotaWindowsTelemetry } from '../adapters/redis/quota-windows.ts'
import type { SessionRegistryTelemetry } from '../adapters/redis/session-registry.ts'
import type { BreakerState, ServerName, ServerTelemetry } from '../adapters/server-telemetry.ts'
import type { Log, Metrics } from '../runtime/index.ts'

type RedisTelemetry = SessionRegistryTelemetry & QuotaWindowsTelemetry

export type BackendTelemetry = ServerTelemetry & GatewayBusTelemetry & RedisTelemetry

const SECONDS_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const

/** What happens between a process and the servers it uses, as its operators learn of it. */
export function createBackendTelemetry(log: Log, metrics: Metrics): BackendTelemetry {
  return {
    ...createServerTelemetry(log, metrics),
    ...createBusTelemetry(log, metrics),
    ...createRedisTelemetry(log, metrics),
  }
}

function createServerTelemetry(log: Log, metrics: Metrics): ServerTelemetry {
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
  return {
    called: (server, elapsedMs) => seconds.observe(elapsedMs / 1_000, { server }),
    failed: (server, code) => failures.add(1, { server, code }),
    breaker: (server, state) => {
      states.set(server, state)
      if (state === 'open') log.warn({ server }, 'server out of reach')
      else if (state === 'closed') log.info({ server }, 'server within reach')
    },
  }
}

function createBusTelemetry(log: Log, metrics: Metrics): GatewayBusTelemetry {
  const lost = metrics.counter({
    name: 'satchel_bus_messages_lost_total',
    help: 'Messages to gateways that were not sent, by reason; clients find what was in them by heads.',
    labels: ['reason'],
  })
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
