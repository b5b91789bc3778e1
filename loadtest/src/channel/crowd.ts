import {
  createClientCodec,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type PushFrame,
  type Seq,
} from '@satchel/protocol'
import { localAddressOf } from '../bench/bench-target.ts'
import { Session } from '../client/session.ts'
import { signToken } from '../client/sign-token.ts'
import type { PeopleShare } from '../load/divide-people.ts'

/** What a process with followers is told. */
export interface CrowdOptions extends PeopleShare {
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
  readonly #arrivals = new Map<Seq, { followers: number; lastMs: number }>()

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** What arrived so far. */
  report(): Promise<readonly Arrival[]> {
    return Promise.resolve([...this.#arrivals].map(([seq, arrival]) => ({ seq, ...arrival })))
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

  async #connect(number: number): Promise<void> {
    const { ports, tokenSecret, conversationId } = this.#options
    const userId = parseUserId(`follower-${number}`)
    const deviceId = parseDeviceId(`follower-${number}`)
    if (userId === undefined || deviceId === undefined) throw new Error('a name is too long')
    const session = new Session(this.#codec, {
      pushed: (frame) => this.#take(frame),
      closed: () => undefined,
    })
    const token = signToken(tokenSecret, userId, Date.now())
    const port = ports[number % ports.length] ?? 0
    const address = { host: '127.0.0.1', port, localAddress: localAddressOf(number) }
    await session.open(address, { token, deviceId, heads: undefined })
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
