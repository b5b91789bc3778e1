import {
  createClientCodec,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type PushFrame,
} from '@satchel/protocol'
import { localAddressOf } from '../bench/bench-target.ts'
import { Session } from '../client/session.ts'
import { signToken } from '../client/sign-token.ts'
import type { PeopleShare } from '../load/divide-people.ts'
import { eachOf } from '../load/parts/each-of.ts'
import { Arrivals, type Arrival } from './arrivals.ts'

/** What a process with followers is told. */
export interface CrowdOptions extends PeopleShare {
  readonly conversationId: ConversationId
}

/** Followers of one channel, each with a socket, who note when events come. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #codec = createClientCodec('msgpack')
  readonly #arrivals = new Arrivals()

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** What arrived so far. */
  report(): Promise<readonly Arrival[]> {
    return Promise.resolve(this.#arrivals.list())
  }

  /** Connects them all and makes them follow; rejects when one of them cannot. */
  async gather(): Promise<void> {
    const { firstUser, users } = this.#options
    const numbers = Array.from({ length: users }, (_, index) => firstUser + index)
    await eachOf(numbers, (number) => this.#connect(number))
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
    this.#arrivals.note(frame.event.seq)
  }
}
