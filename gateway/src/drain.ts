import type { CommandSubmitter } from '@satchel/chat-core'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from './gateway-telemetry.ts'
import type { GatewayTimes } from './gateway-times.ts'
import type { Listener } from './listen.ts'
import type { Connection } from './socket/connection.ts'
import type { SessionTable } from './socket/session-table.ts'

export interface DrainDeps {
  readonly listener: Listener
  readonly sessions: SessionTable
  readonly unauthenticated: ReadonlySet<Connection>
  readonly submitter: CommandSubmitter
  readonly drainMs: number
  readonly times: Pick<GatewayTimes, 'leavingAnswersMs'>
  readonly time: MonotonicClock
  readonly telemetry: Pick<GatewayTelemetry, 'draining' | 'drained'>
  /** From now on requests are refused. */
  readonly stopTaking: () => void
}

const POLL_MS = 20

/**
 * Leaves without anybody losing anything: no new sockets, everybody is asked to go at a moment of their
 * own within `drainMs`, what was asked is answered, and who is left then is closed.
 */
export async function drain(deps: DrainDeps): Promise<void> {
  const { listener, sessions, unauthenticated, submitter, time, telemetry } = deps
  const startedMs = time.elapsedMs()
  telemetry.draining(sessions.size)
  listener.stop()
  for (const connection of unauthenticated) connection.close('draining')
  sendGoaways(deps)
  await until(() => sessions.size === 0, deps.drainMs, time)
  deps.stopTaking()
  const answered = new AbortController()
  const unanswered = submitter.drain().then(() => answered.abort())
  await Promise.race([unanswered, pause(deps.times.leavingAnswersMs, answered.signal)])
  telemetry.drained({ ms: time.elapsedMs() - startedMs, unanswered: submitter.unanswered })
  // The answers that came last are on their way before the sockets close.
  await pause(0)
  for (const session of [...sessions]) session.connection.close('draining')
}

function sendGoaways({ sessions, drainMs }: DrainDeps): void {
  let place = 0
  const count = Math.max(1, sessions.size)
  for (const { connection } of sessions)
    connection.send({ type: 'goaway', delayMs: Math.floor((place++ / count) * drainMs) })
}

async function until(holds: () => boolean, forMs: number, time: MonotonicClock): Promise<void> {
  const endMs = time.elapsedMs() + forMs
  while (!holds() && time.elapsedMs() < endMs) await pause(POLL_MS)
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  signal?.addEventListener('abort', () => {
    clearTimeout(timer)
    resolve(undefined)
  })
  await promise
}
