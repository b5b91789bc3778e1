import {
  parseDeviceId,
  parseUserId,
  type ClientCodec,
  type ConversationId,
  type DeviceId,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import { localAddressOf } from '../../bench/bench-target.ts'
import { Session } from '../../client/session.ts'
import { signToken } from '../../client/sign-token.ts'

export interface PersonOptions {
  readonly user: number
  readonly port: number
  readonly tokenSecret: string
  readonly codec: ClientCodec
}

/** As @satchel/client does. */
const DEADLINE_MS = 15_000

/** A client that keeps a socket and where its one conversation stands, and nothing else. */
export class Person {
  readonly userId: UserId
  readonly #deviceId: DeviceId
  readonly #options: PersonOptions
  #session: Session | undefined
  #head: { readonly conversationId: ConversationId; readonly seq: Seq } | undefined

  constructor(options: PersonOptions) {
    const name = `person-${options.user}`
    const userId = parseUserId(name)
    const deviceId = parseDeviceId(name)
    if (userId === undefined || deviceId === undefined) throw new Error(`${name} is no name`)
    this.userId = userId
    this.#deviceId = deviceId
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#session?.isOpen === true
  }

  /** While it is connected. */
  get session(): Session {
    if (this.#session === undefined) throw new Error(`${this.userId} is not connected`)
    return this.#session
  }

  /** Settles when the server says that nothing is missing; rejects when it does not in time. */
  async connect(): Promise<void> {
    const { user, port, tokenSecret, codec } = this.#options
    const { promise: caughtUpOrClosed, resolve } = Promise.withResolvers<undefined>()
    const session = new Session(codec, {
      pushed: ({ type }) => {
        if (type === 'caught_up') resolve(undefined)
      },
      closed: () => resolve(undefined),
    })
    this.#session = session
    const deadline = setTimeout(() => session.destroy(), DEADLINE_MS)
    try {
      const address = { host: '127.0.0.1', port, localAddress: localAddressOf(user) }
      const token = signToken(tokenSecret, this.userId, Date.now())
      const heads = this.#head && [this.#head]
      await session.open(address, { token, deviceId: this.#deviceId, heads })
      await caughtUpOrClosed
      if (!session.isOpen) throw new Error('the connection ended before it was caught up')
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      clearTimeout(deadline)
    }
  }

  cut(): void {
    this.#session?.destroy()
  }

  /** The one conversation, and where it stands in it from now on. */
  knows(conversationId: ConversationId, seq: Seq): void {
    this.#head = { conversationId, seq }
  }

  get conversationId(): ConversationId {
    if (this.#head === undefined) throw new Error(`${this.userId} is in no conversation`)
    return this.#head.conversationId
  }
}
