import {
  createClientCodec,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type PushFrame,
  type Seq,
} from '@satchel/protocol'
import { Session } from '../client/session.ts'
import { signToken } from '../client/sign-token.ts'

/** What a process with followers is told. */
export interface CrowdOptions {
  /** Names of the followers are numbered from here. */
  readonly firstUser: number
  readonly users: number
  readonly port: number
  /** Where they connect from: an address has ports for fewer than there may be. */
  readonly localAddress: string
  readonly tokenSecret: string
  readonly conversationId: ConversationId
}

/** How one event reached a crowd. */
export interface Arrival {
  readonly seq: Seq
  readonly followers: number
  /** When the last of them had it, in milliseconds since the epoch, with fractions. */
  readonly lastMs: number
}

const CONNECTING_AT_ONCE = 32

/** Followers of one channel, each with a socket, who note when events come. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #codec = createClientCodec('msgpack')
  readonly #sessions: Session[] = []
  readonly #arrivals = new Map<Seq, { followers: number; lastMs: number }>()

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** How many sockets are open. */
  get connected(): number {
    return this.#sessions.filter(({ isOpen }) => isOpen).length
  }

  get arrivals(): readonly Arrival[] {
    return [...this.#arrivals].map(([seq, arrival]) => ({ seq, ...arrival }))
  }

  /** Connects them all and makes them follow; rejects when one of them cannot. */
  async gather(): Promise<void> {
    const { firstUser, users } = this.#options
    let next = 0
    const connectOneAfterAnother = async (): Promise<void> => {
      while (next < users) await this.#connect(firstUser + next++)
    }
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectOneAfterAnother))
  }

  /** Cuts all connections. */
  leave(): void {
    for (const session of this.#sessions) session.destroy()
  }

  async #connect(number: number): Promise<void> {
    const { port, localAddress, tokenSecret, conversationId } = this.#options
    const userId = parseUserId(`follower-${number}`)
    const deviceId = parseDeviceId(`follower-${number}`)
    if (userId === undefined || deviceId === undefined) throw new Error('a name is too long')
    const session = new Session(this.#codec, {
      pushed: (frame) => this.#take(frame),
      closed: () => undefined,
    })
    this.#sessions.push(session)
    const token = signToken(tokenSecret, userId, Date.now())
    await session.open(
      { host: '127.0.0.1', port, localAddress },
      { token, deviceId, heads: undefined },
    )
    await session.request('follow', { conversationId })
  }

  #take(frame: PushFrame): void {
    if (frame.type !== 'event' || frame.event.content.kind !== 'message_sent') return
    const lastMs = performance.timeOrigin + performance.now()
    const known = this.#arrivals.get(frame.event.seq)
    if (known === undefined) {
      this.#arrivals.set(frame.event.seq, { followers: 1, lastMs })
      return
    }
    known.followers++
    known.lastMs = lastMs
  }
}
