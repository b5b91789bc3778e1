import {
  ERROR_CODES,
  parseErrorCode,
  type ConversationId,
  type RequestedCommandKind,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import { randomUUID } from 'node:crypto'
import { markedText } from '../event-trace.ts'
import { JournalWriter, type JournaledAnswer, type JournaledCommand } from '../journal.ts'
import type { Random } from '../random.ts'

export interface HttpSenderOptions {
  /** Of the gateways: each request goes to one of them. */
  readonly baseUrls: readonly string[]
  readonly serverKey: string
  /** In whose name. */
  readonly userId: UserId
  readonly random: Random
  readonly now: () => number
  /** Where the user may send at the moment. */
  readonly conversations: () => readonly ConversationId[]
}

interface HttpCommand {
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body: unknown
  readonly kind: RequestedCommandKind
  readonly target: Seq | undefined
}

const PAUSE_MS = 40
const RETRY_MS = 150
const REQUEST_TIMEOUT_MS = 10_000
const EDIT_PROBABILITY = 0.2

/**
 * An integrator's backend that acts for one user: one request at a time, each with an
 * `Idempotency-Key` and sent again until the answer is final.
 */
export class HttpSender {
  readonly journal: JournalWriter
  readonly #options: HttpSenderOptions
  #running: Promise<void> | undefined
  #stopped = false
  #abandoned = false
  #lastSent: { readonly conversationId: ConversationId; readonly seq: Seq } | undefined

  constructor(options: HttpSenderOptions) {
    this.#options = options
    this.journal = new JournalWriter(`${options.userId}-http`, options.userId)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Settles when what was begun has its final answer. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** Gives up at once: what is under way stays unknown. */
  abandon(): void {
    this.#stopped = true
    this.#abandoned = true
  }

  async #run(): Promise<void> {
    const { random, conversations } = this.#options
    while (!this.#stopped) {
      const conversationId = random.pick(conversations())
      if (conversationId !== undefined) await this.#askOne(conversationId)
      await pause(PAUSE_MS)
    }
  }

  async #askOne(chosen: ConversationId): Promise<void> {
    const key = `http:${randomUUID()}`
    const last = this.#options.random.chance(EDIT_PROBABILITY) ? this.#lastSent : undefined
    const conversationId = last?.conversationId ?? chosen
    const command = commandOf(key, conversationId, last?.seq)
    const { kind, target } = command
    const intendedMs = this.#options.now()
    const journaled = this.journal.sends({ key, conversationId, kind, target, intendedMs })
    const answer = await this.#askUntilFinal(key, command, journaled)
    if (answer.kind === 'applied' && answer.seq !== undefined && kind === 'send_message')
      this.#lastSent = { conversationId, seq: answer.seq }
  }

  async #askUntilFinal(
    key: string,
    command: HttpCommand,
    { answers }: JournaledCommand,
  ): Promise<JournaledAnswer> {
    for (;;) {
      const answer = await this.#ask(key, command)
      answers.push(answer)
      if (answer.kind !== 'unknown' || this.#abandoned) return answer
      await pause(this.#options.random.next() * RETRY_MS)
    }
  }

  async #ask(key: string, { method, path, body }: HttpCommand): Promise<JournaledAnswer> {
    const { baseUrls, random, serverKey, userId } = this.#options
    try {
      const baseUrl = random.pick(baseUrls) ?? ''
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${serverKey}`,
          'Satchel-User': userId,
          'Content-Type': 'application/json',
          'Idempotency-Key': key,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      })
      return parseAnswer(await response.json())
    } catch {
      // Cut off, refused, or half an answer: nobody knows.
      return { kind: 'unknown', code: 'retry' }
    }
  }
}

function commandOf(key: string, conversationId: ConversationId, edited?: Seq): HttpCommand {
  const messages = `/v1/conversations/${conversationId}/messages`
  if (edited === undefined) {
    const body = { text: markedText(key, 'sent by a backend') }
    return { method: 'POST', path: messages, body, kind: 'send_message', target: undefined }
  }
  const body = { text: markedText(key, 'edited by a backend') }
  return {
    method: 'PUT',
    path: `${messages}/${edited}`,
    body,
    kind: 'edit_message',
    target: edited,
  }
}

function parseAnswer(json: unknown): JournaledAnswer {
  const answer = json as { readonly seq?: number; readonly error?: { readonly code?: string } }
  if (answer.error === undefined) return { kind: 'applied', seq: answer.seq }
  const code = parseErrorCode(answer.error.code ?? '') ?? 'internal'
  return { kind: ERROR_CODES[code].retryable ? 'unknown' : 'rejected', code }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
