import {
  createClientCodec,
  LIMITS,
  newConversationId,
  newOutboxId,
  parseDeviceId,
  parseUserId,
  type ConversationId,
  type OutboxId,
  type PushFrame,
  type RequestedCommand,
  type UserId,
} from '@satchel/protocol'
import { Session } from '../../client/session.ts'
import { signToken } from '../../client/sign-token.ts'
import {
  localAddressOf,
  type BenchConnection,
  type BenchListener,
  type BenchTarget,
  type ReachableServers,
} from '../bench-target.ts'

/** One user's line of commands to one conversation. */
interface Line {
  readonly conversationId: ConversationId
  readonly outbox: OutboxId
  counter: number
  unanswered: number
  /** Beyond 16 unanswered ones a client may not send: they wait here, and their latency counts. */
  readonly waiting: RequestedCommand[]
}

interface BenchUser {
  readonly userId: UserId
  readonly session: Session
  readonly listener: BenchListener
  readonly lines: Map<ConversationId, Line>
}

/** Satchel itself, spoken to as a client does: outboxes, command ids, no more than 16 unanswered. */
export function createSatchelTarget(
  { name, servers, portOf }: ReachableServers,
  tokenSecret: () => string,
): BenchTarget {
  const codec = createClientCodec('msgpack')
  const users = new Map<number, BenchUser>()
  let conversations: readonly ConversationId[] = []

  async function connect(user: number, listener: BenchListener): Promise<BenchConnection> {
    const userId = parseUserId(`bench-${user}`)
    const deviceId = parseDeviceId(`bench-device-${user}`)
    if (userId === undefined || deviceId === undefined) throw new Error(`no such user: ${user}`)
    const session = new Session(codec, {
      pushed: (frame) => takePush(frame, listener),
      closed: (code) => listener.failed(`closed with ${code}`),
    })
    const address = { host: '127.0.0.1', port: portOf(user), localAddress: localAddressOf(user) }
    const token = signToken(tokenSecret(), userId, Date.now())
    await session.open(address, { token, deviceId, heads: undefined })
    const benchUser = { userId, session, listener, lines: new Map<ConversationId, Line>() }
    users.set(user, benchUser)
    return {
      send(group, text) {
        const conversationId = conversations[group]
        if (conversationId === undefined) throw new Error(`no such group: ${group}`)
        void ask(benchUser, lineOf(benchUser, conversationId), { kind: 'send_message', text })
      },
      close: () => session.destroy(),
    }
  }

  async function prepare(groups: readonly (readonly number[])[]): Promise<void> {
    const made: ConversationId[] = []
    for (const members of groups) {
      const [creator, ...others] = members.flatMap((user) => users.get(user) ?? [])
      if (creator === undefined) throw new Error('a group needs connected users')
      const conversationId = newConversationId('group')
      const line = lineOf(creator, conversationId)
      const userIds = others.map(({ userId }) => userId)
      await ask(creator, line, {
        kind: 'create_conversation',
        conversationKind: 'group',
        memberIds: userIds.slice(0, LIMITS.membersPerCommand),
      })
      for (let from = LIMITS.membersPerCommand; from < userIds.length;) {
        const some = userIds.slice(from, (from += LIMITS.membersPerCommand))
        await ask(creator, line, { kind: 'add_members', userIds: some })
      }
      made.push(conversationId)
    }
    conversations = made
  }

  return { name, servers, connect, prepare }
}

function takePush(frame: PushFrame, { delivered }: BenchListener): void {
  if (frame.type !== 'event') return
  const { content } = frame.event
  if (content.kind === 'message_sent') delivered(content.body.text ?? '')
}

function lineOf({ lines }: BenchUser, conversationId: ConversationId): Line {
  const known = lines.get(conversationId)
  if (known !== undefined) return known
  const line = { conversationId, outbox: newOutboxId(), counter: 0, unanswered: 0, waiting: [] }
  lines.set(conversationId, line)
  return line
}

/** Settles when it is answered; fails the run when it is refused. */
async function ask(user: BenchUser, line: Line, command: RequestedCommand): Promise<void> {
  if (line.unanswered >= LIMITS.answersPerOutbox) {
    line.waiting.push(command)
    return
  }
  line.unanswered++
  const { conversationId, outbox } = line
  const commandId = { outbox, counter: ++line.counter }
  try {
    await user.session.request('command', {
      commandId,
      conversationId,
      command,
      to: undefined,
      restart: undefined,
    })
    if (command.kind === 'send_message') user.listener.acknowledged()
  } catch (error) {
    user.listener.failed(String(error))
  }
  line.unanswered--
  const next = line.waiting.shift()
  if (next !== undefined) void ask(user, line, next)
}
