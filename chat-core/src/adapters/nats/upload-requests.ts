import { ChatError, type UserId } from '@satchel/protocol'
import { ErrorCode, type Msg } from 'nats'
import type {
  AnswerUploadRequest,
  UploadRequest,
  UploadRequests,
} from '../../ports/upload-requests.ts'
import type { Timers } from '../../runtime/timers.ts'
import { waitAtMost } from '../../runtime/wait-at-most.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import type { NatsClient } from './nats-client.ts'
import { EndOfTurn } from './end-of-turn.ts'
import { natsErrorCode } from './nats-error.ts'
import {
  NOT_UNDERSTOOD,
  formatRefusal,
  formatUploadRequest,
  formatUploadState,
  parseUploadReply,
  parseUploadRequest,
  type UploadReply,
} from './upload-message.ts'

export interface NatsUploadRequestsOptions {
  readonly client: Pick<NatsClient, 'connected' | 'connection' | 'deployment' | 'requests'>
  readonly timers: Pick<Timers, 'after'>
  readonly telemetry: ServerTelemetry
  /** For tests; as below unless given. */
  readonly deadlineMs?: number | undefined
}

/** Sooner than clients ask again. */
const DEADLINE_MS = 9_000
/** A store may take long to put the parts of a large file together: better asked again than done twice. */
const COMPLETE_DEADLINE_MS = 30_000
/** How long whoever stops serving waits for what it has taken. */
const DRAIN_MS = 5_000
/** Asked by one process, or taken by one, and not yet answered; more are refused. */
const MAX_OPEN = 10_000
const QUEUE_GROUP = 'servers'
const NO_RESPONDERS: string = ErrorCode.NoResponders

/** Request and reply over NATS core, on one subject; of all who serve, each request goes to one. */
export function openNatsUploadRequests(options: NatsUploadRequestsOptions): UploadRequests {
  const { client, timers, telemetry } = options
  const subject = `${client.deployment}.uploads`
  const endOfTurn = new EndOfTurn()
  let asked = 0

  async function request(userId: UserId, asking: UploadRequest): Promise<UploadReply | undefined> {
    const isComplete = asking.type === 'complete_upload'
    const timeoutMs = options.deadlineMs ?? (isComplete ? COMPLETE_DEADLINE_MS : DEADLINE_MS)
    try {
      const payload = formatUploadRequest(userId, asking)
      await endOfTurn.reached()
      // Asked twice, it would be done twice; and its answer may come over the next connection.
      const how = { timeoutMs, repeats: false }
      return parseUploadReply(await client.requests.request(subject, payload, how))
    } catch (error) {
      const code = error instanceof ChatError ? error.code : natsErrorCode(error)
      if (code !== NO_RESPONDERS) telemetry.failed('nats', code)
      return undefined
    }
  }

  return {
    async ask(userId, asking) {
      if (asked >= MAX_OPEN) return refuse()
      if (!client.connected) return undefined
      asked++
      try {
        const reply = await request(userId, asking)
        if (reply === undefined) return undefined
        if ('refusal' in reply) throw reply.refusal
        return reply.state
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
        await waitAtMost(timers, DRAIN_MS, Promise.all(open))
      }
    },
  }
}

async function reply(message: Msg, answer: AnswerUploadRequest): Promise<void> {
  message.respond(await payloadOf(message.data, answer))
}

async function payloadOf(asked: Uint8Array, answer: AnswerUploadRequest): Promise<Uint8Array> {
  const parsed = parseOrUndefined(asked)
  if (parsed === undefined) return NOT_UNDERSTOOD
  try {
    return formatUploadState(await answer(parsed.userId, parsed.request))
  } catch (error) {
    // Whoever answers tells of its faults; the asker gets none of them to read.
    return formatRefusal(
      error instanceof ChatError ? error : new ChatError('internal', 'a fault in another process'),
    )
  }
}

function parseOrUndefined(payload: Uint8Array): ReturnType<typeof parseUploadRequest> | undefined {
  try {
    return parseUploadRequest(payload)
  } catch {
    return undefined
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new ChatError('unavailable', 'As many uploads are asked about as may be'))
}
