import {
  createClientCodec,
  LIMITS,
  newOutboxId,
  parseDeviceId,
  parseUserId,
  SUBPROTOCOLS,
  type CommandResult,
  type ConversationId,
  type PushFrame,
  type RequestedCommand,
  type RequestName,
  type ResultOf,
  type UserId,
} from '@satchel/protocol'
import { Exchange, type RequestFields } from '../../src/client/exchange.ts'
import type { Settings } from '../settings.ts'
import { openSocket, type OpenSocket } from './open-socket.ts'
import { signToken } from './sign-token.ts'

/** One user's socket, and their outbox. */
export class Member {
  readonly userId: UserId
  /** What the server sends of itself. */
  onPush: (frame: PushFrame) => void = () => undefined
  readonly #exchange: Exchange
  readonly #outbox = newOutboxId()
  readonly #unanswered = new Set<Promise<unknown>>()
  #counter = 0
  #socket: OpenSocket | undefined

  /** A user of this name, connected to one of the gateways and welcome there. */
  static async open(settings: Settings, name: string): Promise<Member> {
    const userId = parseUserId(name)
    const deviceId = parseDeviceId(name)
    if (userId === undefined || deviceId === undefined) throw new Error(`${name} is no user id`)
    const member = new Member(userId)
    await member.#connect(gatewayOf(settings))
    const token = signToken(settings.tokenSecret, userId)
    await member.request('hello', { token, deviceId, heads: undefined })
    return member
  }

  constructor(userId: UserId) {
    this.userId = userId
    this.#exchange = new Exchange({
      codec: createClientCodec('msgpack'),
      send: (message) => this.#socket?.send(message),
      pushed: (frame) => this.onPush(frame),
    })
  }

  request<Name extends RequestName>(
    name: Name,
    fields: RequestFields<Name>,
  ): Promise<ResultOf<Name>> {
    return this.#exchange.request(name, fields)
  }

  /** Goes to one conversation alone: an outbox has no other. Waits while 16 are unanswered. */
  async command(conversationId: ConversationId, command: RequestedCommand): Promise<CommandResult> {
    while (this.#unanswered.size >= LIMITS.answersPerOutbox) {
      await Promise.race(this.#unanswered)
    }
    const commandId = { outbox: this.#outbox, counter: ++this.#counter }
    const fields = { commandId, conversationId, command, to: undefined, restart: undefined }
    const asked = this.request('command', fields)
    const settled: Promise<boolean> = asked.then(
      () => this.#unanswered.delete(settled),
      () => this.#unanswered.delete(settled),
    )
    this.#unanswered.add(settled)
    return asked
  }

  close(): void {
    this.#socket?.close()
  }

  async #connect(gateway: string): Promise<void> {
    this.#socket = await openSocket({
      url: `${gateway.replace(/^http/, 'ws')}/v1/socket`,
      subprotocol: SUBPROTOCOLS.msgpack,
      onMessage: (message) => this.#exchange.take(message),
      onClose: () => this.#exchange.end(),
    })
  }
}

function gatewayOf({ gateways }: Settings): string {
  return gateways[Math.floor(Math.random() * gateways.length)] ?? ''
}
