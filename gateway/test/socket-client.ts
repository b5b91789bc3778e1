import {
  ChatError,
  SUBPROTOCOLS,
  createClientCodec,
  newConversationId,
  newOutboxId,
  parseDeviceId,
  parseErrorCode,
  parseResult,
  type ClientFrame,
  type CommandResult,
  type ConversationId,
  type PushFrame,
  type PushFrameOf,
  type RequestFrameOf,
  type RequestName,
  type RequestedCommand,
  type ResultOf,
  type ServerFrame,
  type UnreadableFrame,
  type UserId,
  type Welcome,
} from '@satchel/protocol'
import { eventually } from './eventually.ts'

type Fields<Name extends RequestName> = Omit<RequestFrameOf<Name>, 'type' | 'requestId'>
type Target = { readonly conversationId: ConversationId } | { readonly to: UserId }

interface Waiting {
  readonly name: RequestName
  readonly resolve: (value: never) => void
  readonly reject: (error: ChatError) => void
}

/** A client with nothing but the codec: it does what a test tells it, sense or nonsense. */
export class SocketClient {
  readonly form: 'msgpack' | 'json'
  readonly #socket: WebSocket
  readonly #codec
  readonly #waiting = new Map<number, Waiting>()
  readonly #outbox = newOutboxId()
  #counter = 0
  #requestId = 0
  /** Everything that came without being asked for. */
  readonly pushed: PushFrame[] = []
  readonly accepted: number[] = []
  closed: { readonly code: number; readonly reason: string } | undefined

  static async connect(url: string, form: 'msgpack' | 'json'): Promise<SocketClient> {
    const socket = new WebSocket(url, SUBPROTOCOLS[form])
    socket.binaryType = 'arraybuffer'
    const client = new SocketClient(socket, form)
    await eventually('the socket opens', () => socket.readyState !== WebSocket.CONNECTING)
    return client
  }

  constructor(socket: WebSocket, form: 'msgpack' | 'json') {
    this.form = form
    this.#socket = socket
    this.#codec = createClientCodec(form)
    socket.addEventListener('message', ({ data }) => this.#take(data))
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason }
      for (const { reject } of this.#waiting.values())
        reject(new ChatError('retry', `the socket closed with ${code}`))
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  async hello(
    token: string,
    options: Partial<Omit<Fields<'hello'>, 'token'>> = {},
  ): Promise<Welcome> {
    const deviceId = options.deviceId ?? parseDeviceId(`device-${Math.random()}`)
    if (deviceId === undefined) throw new Error('no device id')
    return this.request('hello', { ...options, token, deviceId })
  }

  request<Name extends RequestName>(name: Name, fields: Fields<Name>): Promise<ResultOf<Name>> {
    const requestId = ++this.#requestId
    const { promise, resolve, reject } = Promise.withResolvers<ResultOf<Name>>()
    this.#waiting.set(requestId, { name, resolve, reject })
    this.send({ type: name, requestId, ...fields } as unknown as ClientFrame)
    return promise
  }

  /** A request the codec would not write: `message` gets its id. */
  rawRequest(message: (requestId: number) => string): Promise<never> {
    const requestId = ++this.#requestId
    const { promise, resolve, reject } = Promise.withResolvers<never>()
    this.#waiting.set(requestId, { name: 'auth', resolve, reject })
    this.raw(message(requestId))
    return promise
  }

  command(target: Target, command: RequestedCommand, restart?: boolean): Promise<CommandResult> {
    const commandId = { outbox: this.#outbox, counter: ++this.#counter }
    return this.request('command', { ...target, commandId, command, restart })
  }

  say(conversationId: ConversationId, text: string): Promise<CommandResult> {
    return this.command({ conversationId }, { kind: 'send_message', text })
  }

  /** A new group with these people. */
  async group(...memberIds: UserId[]): Promise<ConversationId> {
    const conversationId = newConversationId('group')
    const command = { kind: 'create_conversation', conversationKind: 'group', memberIds } as const
    await this.command({ conversationId }, command)
    return conversationId
  }

  send(frame: ClientFrame): void {
    this.raw(this.#codec.encode(frame))
  }

  raw(message: Uint8Array<ArrayBuffer> | string): void {
    this.#socket.send(message)
  }

  /** What was pushed of this kind. */
  of<Type extends PushFrame['type']>(type: Type): PushFrameOf<Type>[] {
    return this.pushed.filter((frame): frame is PushFrameOf<Type> => frame.type === type)
  }

  /** Seqs of the events that came of a conversation, in the order they came. */
  seqs(conversationId: ConversationId): number[] {
    return this.of('event')
      .filter((frame) => frame.conversationId === conversationId)
      .map(({ event }) => event.seq)
  }

  async until<Type extends PushFrame['type']>(
    type: Type,
    fits: (frame: PushFrameOf<Type>) => boolean = () => true,
    withinMs?: number,
  ): Promise<PushFrameOf<Type>> {
    return eventually(`${type} arrives`, () => this.of(type).find(fits), withinMs)
  }

  async untilClosed(withinMs?: number): Promise<{ code: number; reason: string }> {
    return eventually('the socket closes', () => this.closed, withinMs)
  }

  close(): void {
    this.#socket.close()
  }

  #take(data: unknown): void {
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : String(data)
    for (const frame of this.#codec.decode(message)) this.#takeFrame(frame)
  }

  #takeFrame(frame: ServerFrame | UnreadableFrame): void {
    switch (frame.type) {
      case 'result': {
        const waiting = this.#waiting.get(frame.requestId)
        this.#waiting.delete(frame.requestId)
        waiting?.resolve(parseResult(waiting.name, frame.value, this.form) as never)
        return
      }
      case 'error': {
        const code = parseErrorCode(frame.code) ?? 'internal'
        this.#waiting
          .get(frame.requestId)
          ?.reject(new ChatError(code, frame.message, frame.details))
        this.#waiting.delete(frame.requestId)
        return
      }
      case 'accepted':
        this.accepted.push(frame.requestId)
        return
      case 'unreadable':
        throw frame.error
      default:
        this.pushed.push(frame)
    }
  }
}
