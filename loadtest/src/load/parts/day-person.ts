import { ChatClient, type Conversation } from '@satchel/client'
import type { ConversationId, UserId } from '@satchel/protocol'
import { localAddressOf } from '../../bench/bench-target.ts'
import { openSpreadWebSocket } from '../../client/open-spread-web-socket.ts'
import { signToken } from '../../client/sign-token.ts'
import { makePicture } from '../../media/make-picture.ts'

/** What people do in a day; the names of rows. */
export type Doing = 'come' | 'chat' | 'direct' | 'react' | 'scroll' | 'read' | 'photo'

export interface DayPersonOptions {
  readonly userId: UserId
  readonly user: number
  readonly port: number
  readonly tokenSecret: string
  /** Somebody got a message that was to be sent at that time of `performance.now()`. */
  readonly delivered: (intendedMs: number) => void
}

const TEXT_BYTES = 100
const PAGE = 50
const PICTURE = { width: 640, height: 480 }
const EMOJI = '👍'

/** Somebody with the client that everybody has: comes, talks, shows pictures, reads, goes. */
export class DayPerson {
  readonly #options: DayPersonOptions
  #client: ChatClient | undefined
  #conversationId: ConversationId | undefined
  #cameMs = 0
  #leave: ((reason: Error) => void) | undefined
  #gone: Promise<never> | undefined

  constructor(options: DayPersonOptions) {
    this.#options = options
  }

  get userId(): UserId {
    return this.#options.userId
  }

  get isThere(): boolean {
    return this.#client?.state.status === 'live'
  }

  /** Begins anew, as after the app was closed. */
  async come(): Promise<void> {
    const { user, userId, port, tokenSecret, delivered } = this.#options
    const client = new ChatClient({
      url: `ws://127.0.0.1:${port}/v1/socket`,
      getToken: () => signToken(tokenSecret, userId, Date.now()),
      deviceId: `${userId}-device`,
      openWebSocket: openSpreadWebSocket(localAddressOf(user)),
    })
    this.#client = client
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    this.#gone = promise
    this.#leave = reject
    this.#cameMs = performance.now()
    client.on('event', ({ event: { content } }) => {
      if (content.kind !== 'message_sent') return
      const intendedMs = Number.parseFloat(content.body.text ?? '')
      if (intendedMs > this.#cameMs) delivered(intendedMs)
    })
    await client.connect()
    if (this.#conversationId !== undefined) await this.#conversation.history({ limit: PAGE })
  }

  go(): void {
    this.#client?.close()
    this.#client = undefined
    this.#leave?.(new Error(`${this.userId} has gone`))
  }

  /** Makes the group of this one and the others. */
  async createGroup(others: readonly DayPerson[]): Promise<void> {
    const memberIds = others.map(({ userId }) => userId)
    const { id } = await this.#there.createConversation({ kind: 'group', title: 'Day', memberIds })
    if (id === undefined) throw new Error('a group has no id')
    for (const member of [this, ...others]) member.#conversationId = id
  }

  async chat(intendedMs: number): Promise<void> {
    await this.#conversation.send(textOf(intendedMs))
  }

  async direct(to: DayPerson, intendedMs: number): Promise<void> {
    await this.#there.direct(to.userId).send(textOf(intendedMs))
  }

  async react(): Promise<void> {
    const seq = this.#lastSeq()
    if (seq !== undefined) await this.#conversation.react(seq, EMOJI)
  }

  async read(): Promise<void> {
    const seq = this.#lastSeq()
    if (seq !== undefined) await this.#conversation.markRead(seq)
  }

  /** One page up from the first message that is loaded. */
  async scroll(): Promise<void> {
    const before = this.#conversation.messages[0]?.seq
    await this.#conversation.history({ before, limit: PAGE })
  }

  /** Settles when its bytes are where they belong and its message is sent, or its sender has gone. */
  async photo(): Promise<void> {
    const bytes = makePicture(PICTURE.width, PICTURE.height)
    const file = new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' })
    const upload = this.#conversation.upload(file)
    const sent = Promise.all([this.#conversation.send({ attachments: [upload] }), upload.done])
    // An upload of a client that is closed is never done: another one may go on with it.
    await Promise.race([sent, this.#gone])
  }

  get #there(): ChatClient {
    if (this.#client === undefined) throw new Error(`${this.userId} is not there`)
    return this.#client
  }

  get #conversation(): Conversation {
    if (this.#conversationId === undefined) throw new Error(`${this.userId} is in no group`)
    return this.#there.conversation(this.#conversationId)
  }

  #lastSeq(): number | undefined {
    return this.#conversation.messages.findLast(({ seq }) => seq !== undefined)?.seq
  }
}

function textOf(intendedMs: number): string {
  return `${intendedMs.toFixed(3)} `.padEnd(TEXT_BYTES, '.')
}
