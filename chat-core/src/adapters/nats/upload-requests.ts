import { ChatError } from '@satchel/protocol'
import { ErrorCode, type Msg } from 'nats'
import type { AnswerUploadRequest, UploadRequests } from '../../ports/upload-requests.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { EndOfTurn } from './end-of-turn.ts'
import { natsErrorCode } from './nats-error.ts'
import {
  formatRefusal,
  formatUploadRequest,
  formatUploadState,
  parseUploadAnswer,
  parseUploadRequest,
} from './upload-message.ts'

export interface NatsUploadRequestsOptions {
  readonly client: Pick<NatsClient, 'connected' | 'connection' | 'deployment'>
  readonly clock: MonotonicClock
  readonly telemetry: ServerTelemetry
}

/** A store may take seconds to put the parts of a large file together. */
const DEADLINE_MS = 10_000
/** Asked by one process, or taken by one, and not yet answered; more are refused. */
const MAX_OPEN = 10_000
const QUEUE_GROUP = 'servers'
const NO_RESPONDERS: string = ErrorCode.NoResponders

/** Request and reply over NATS core, on one subject; of all who serve, each request goes to one. */
export function openNatsUploadRequests(options: NatsUploadRequestsOptions): UploadRequests {
  const { client, clock, telemetry } = options
  const subject = `${client.deployment}.uploads`
  const endOfTurn = new EndOfTurn()
  let asked = 0
  return {
    async ask(userId, request) {
      if (asked >= MAX_OPEN) return refuse()
      if (!client.connected) return undefined
      asked++
      const startedMs = clock.elapsedMs()
      try {
        const payload = formatUploadRequest(userId, request)
        await endOfTurn.reached()
        const { data } = await client.connection.request(subject, payload, { timeout: DEADLINE_MS })
        telemetry.called('nats', clock.elapsedMs() - startedMs)
        return parseUploadAnswer(data)
      } catch (error) {
        if (error instanceof ChatError) throw error
        const code = natsErrorCode(error)
        if (code !== NO_RESPONDERS) telemetry.failed('nats', code)
        return undefined
      } finally {
        asked--
      }
    },
    serve(answer) {
      const open = new Set<Promise<void>>()
      const subscription = client.connection.subscribe(subject, {
        queue: QUEUE_GROUP,
        callback: (error, message) => {
          if (error !== null) {
            telemetry.failed('nats', natsErrorCode(error))
            return
          }
          const replied = reply(message, open.size < MAX_OPEN ? answer : refuse)
            // Nobody may listen, or the connection is being closed.
            .catch((failure: unknown) => telemetry.failed('nats', natsErrorCode(failure)))
            .finally(() => open.delete(replied))
          open.add(replied)
        },
      })
      return async () => {
        await subscription.drain().catch(() => undefined)
        await Promise.all(open)
      }
    },
  }
}

async function reply(message: Msg, answer: AnswerUploadRequest): Promise<void> {
  message.respond(await payloadOf(message.data, answer))
}

async function payloadOf(asked: Uint8Array, answer: AnswerUploadRequest): Promise<Uint8Array> {
  try {
    const { userId, request } = parseUploadRequest(asked)
    return formatUploadState(await answer(userId, request))
  } catch (error) {
    // Whoever answers tells of its faults; the asker gets none of them to read.
    return formatRefusal(
      error instanceof ChatError ? error : new ChatError('internal', 'a fault in another process'),
    )
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new ChatError('unavailable', 'As many uploads are asked about as may be'))
}
