import {
  createClientCodec,
  newConversationId,
  newOutboxId,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type RequestedCommand,
  type Seq,
} from '@satchel/protocol'
import { delay } from '../chaos/deadlines.ts'
import { Session } from '../client/session.ts'
import { signToken } from '../client/sign-token.ts'

export interface SpeakerOptions {
  readonly port: number
  readonly tokenSecret: string
}

/** An outbox may have 16 commands on their way; these have enough of them for any rate. */
const OUTBOXES = 16
const TEXT_BYTES = 100

/** Makes a channel and speaks in it. */
export async function openSpeaker({ port, tokenSecret }: SpeakerOptions): Promise<Speaker> {
  const userId = parseUserId('speaker')
  const deviceId = parseDeviceId('speaker')
  if (userId === undefined || deviceId === undefined) throw new Error('speaker is no name')
  const codec = createClientCodec('msgpack')
  const session = new Session(codec, { pushed: () => undefined, closed: () => undefined })
  const token = signToken(tokenSecret, userId, Date.now())
  await session.open({ host: '127.0.0.1', port }, { token, deviceId, heads: undefined })
  const speaker = new Speaker(session)
  await speaker.createChannel()
  return speaker
}

/** Whoever owns a channel, and what they say there. */
class Speaker {
  readonly conversationId: ConversationId = newConversationId('channel')
  readonly #session: Session
  readonly #outboxes = Array.from({ length: OUTBOXES }, () => ({ id: newOutboxId(), counter: 0 }))
  #turn = 0

  constructor(session: Session) {
    this.#session = session
  }

  async createChannel(): Promise<void> {
    const command = { kind: 'create_conversation', conversationKind: 'channel' } as const
    await this.#ask({ ...command, title: 'News', memberIds: [] })
  }

  /** Speaks in an open loop; gives when each message was to be sent, in milliseconds since the epoch, by its seq. */
  async speak(messagesPerSecond: number, seconds: number): Promise<ReadonlyMap<Seq, number>> {
    const intended = new Map<Seq, number>()
    const startedMs = performance.now()
    const sent: Promise<void>[] = []
    for (let index = 0; index < messagesPerSecond * seconds; index++) {
      const dueMs = startedMs + (index * 1_000) / messagesPerSecond
      await delay(dueMs - performance.now())
      const text = `News ${index} `.padEnd(TEXT_BYTES, '.')
      const asked = this.#ask({ kind: 'send_message', text }).then((seq) => {
        if (seq !== undefined) intended.set(seq, performance.timeOrigin + dueMs)
      })
      sent.push(asked)
    }
    await Promise.all(sent)
    return intended
  }

  close(): void {
    this.#session.destroy()
  }

  async #ask(command: RequestedCommand): Promise<Seq | undefined> {
    const outbox = this.#outboxes[this.#turn++ % OUTBOXES]
    if (outbox === undefined) return undefined
    const { seq } = await this.#session.request('command', {
      commandId: { outbox: outbox.id, counter: ++outbox.counter },
      conversationId: this.conversationId,
      command,
      to: undefined,
      restart: undefined,
    })
    return seq
  }
}
