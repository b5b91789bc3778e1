import {
  createClientCodec,
  newConversationId,
  newOutboxId,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type RequestedCommand,
} from '@satchel/protocol'
import { Session } from '../client/session.ts'
import { signToken } from '../client/sign-token.ts'

export interface MediaSessionOptions {
  readonly port: number
  readonly tokenSecret: string
  readonly userId: string
}

/** Requests alone, without what a client keeps: in a group of its own. */
export class MediaSession {
  readonly session: Session
  readonly conversationId: ConversationId
  readonly #outbox = newOutboxId()
  #counter = 0

  static async open(options: MediaSessionOptions): Promise<MediaSession> {
    const session = new Session(createClientCodec('msgpack'), {
      pushed: () => undefined,
      closed: () => undefined,
    })
    const userId = parseUserId(options.userId)
    const deviceId = parseDeviceId(options.userId)
    if (userId === undefined || deviceId === undefined) throw new Error('no such user')
    const token = signToken(options.tokenSecret, userId, Date.now())
    const address = { host: '127.0.0.1', port: options.port }
    await session.open(address, { token, deviceId, heads: undefined })
    const opened = new MediaSession(session, newConversationId('group'))
    const group = { conversationKind: 'group', memberIds: [] } as const
    await opened.command({ kind: 'create_conversation', ...group })
    return opened
  }

  constructor(session: Session, conversationId: ConversationId) {
    this.session = session
    this.conversationId = conversationId
  }

  command(command: RequestedCommand) {
    return this.session.request('command', {
      commandId: { outbox: this.#outbox, counter: ++this.#counter },
      conversationId: this.conversationId,
      command,
      to: undefined,
      restart: undefined,
    })
  }

  close(): void {
    this.session.destroy()
  }
}
