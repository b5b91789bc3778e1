import type {
  Attachment,
  ConversationId,
  DeviceId,
  Seq,
  SessionId,
  UserId,
} from '@satchel/protocol'
import type { CommandContent } from '../../src/domain/command.ts'
import { partitionOf } from '../../src/domain/partition-of.ts'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import type { Membership } from '../../src/ports/members.ts'
import type { OwnerQuestion, OwnerRequests } from '../../src/ports/owner-requests.ts'
import type { SessionRegistry } from '../../src/ports/session-registry.ts'
import type { HistoryDeps } from '../../src/queries/read-history.ts'
import { CommandSubmitter } from '../../src/command-submitter.ts'
import type { Servers } from './servers.ts'
import { openSimulatedTimeline } from './simulated-conversations.ts'
import { openSimulatedCommandLog } from './simulated-log.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedSession, type Listener } from './simulated-session.ts'

/** A gateway process: the real command submitter and catching up, with sockets that are messages. */
export class SimulatedGateway {
  readonly process: SimulatedProcess
  readonly gatewayId: string
  readonly #servers: Servers
  readonly #sessions = new Set<SimulatedSession>()
  readonly #submitter: CommandSubmitter
  readonly #registry: SessionRegistry
  readonly #queries: HistoryDeps
  #connects = 0

  constructor(servers: Servers, gatewayId: string, boot: number) {
    const { world, weather, log } = servers
    const process = new SimulatedProcess(world, weather, `${gatewayId}#${boot}`)
    this.process = process
    this.gatewayId = gatewayId
    this.#servers = servers
    const commandLog = openSimulatedCommandLog({ process, log, shows: () => true })
    this.#submitter = new CommandSubmitter({
      commandLog,
      timers: process.timers,
      gatewayId,
      bootId: process.id,
      times: { acceptedAfterMs: 2_000, answerWithinMs: 60_000 },
      stampAttachments: async (_uploader, _conversation, references) => references.map(stamp),
      stampReaction: async (_author, _conversation, reaction) => reaction,
    })
    this.#registry = servers.registry.open(process)
    this.#queries = {
      members: openMembers(servers.requests.open(process), commandLog.partitions),
      followers: neverFollowed,
      timeline: openSimulatedTimeline(process, servers.store),
    }
    const bus = servers.bus.open(process)
    bus.listen(gatewayId, (message) => this.#take(message))
    // What came meanwhile was missed: every session finds out for itself.
    bus.watchGaps(() => {
      for (const session of [...this.#sessions]) this.#close(session)
    })
  }

  /** A device connects, and says how far it has come where. */
  connect(listener: Listener, heads: ReadonlyMap<ConversationId, Seq>): SimulatedSession {
    const { world, weather } = this.#servers
    const { process, gatewayId } = this
    const { userId, deviceId } = listener
    const session = new SimulatedSession(listener, {
      process,
      queries: this.#queries,
      line: this.#submitter.openLine(),
      entry: {
        sessionId: `${process.id}/${deviceId}/${++this.#connects}` as SessionId,
        userId,
        deviceId: deviceId as DeviceId,
        gatewayId,
      },
      down: world.openPipe(() => weather.latencyMs()),
    })
    session.take(heads)
    this.#sessions.add(session)
    this.#welcome(session).catch(() => this.#close(session))
    return session
  }

  /** A media worker's finding, which it tells this gateway. */
  report(id: ConversationId, authorId: UserId, target: Seq, attachment: Attachment): void {
    const content: CommandContent = { kind: 'attachment_result', target, attachment }
    this.#submitter.report({ conversationId: id, authorId, content }).catch(() => undefined)
  }

  crash(): void {
    for (const session of [...this.#sessions]) this.#close(session)
    this.process.crash()
    this.#servers.registry.forgetGateway(this.gatewayId)
  }

  /** The device has gone. */
  forget(session: SimulatedSession): void {
    this.#sessions.delete(session)
    this.#registry.unregister(session.entry).catch(() => undefined)
  }

  async #welcome(session: SimulatedSession): Promise<void> {
    const { store } = this.#servers
    const { userId } = session.listener
    await this.#registry.register(session.entry)
    session.resume()
    const inbox = await this.process.call('store', `inbox of ${userId}`, () =>
      store.readInbox(userId),
    )
    for (const { conversationId } of inbox) void session.join(conversationId)
  }

  #take(message: GatewayMessage): void {
    if (message.type === 'answer') {
      this.#submitter.take(message)
      return
    }
    if (message.type !== 'events' && message.type !== 'head') return
    const { conversationId, userIds = [] } = message
    for (const session of this.#sessions) {
      if (!userIds.includes(session.listener.userId)) continue
      if (message.type === 'head') session.head(conversationId, message.head.seq)
      else for (const delivered of message.events) session.live(conversationId, delivered)
    }
  }

  #close(session: SimulatedSession): void {
    if (!this.#sessions.has(session)) return
    session.close()
    this.forget(session)
    const { world } = this.#servers
    world.after(world.random.between(5, 500), () => session.listener.closed(session))
  }
}

function stamp({ id }: Pick<Attachment, 'id'>): Attachment {
  const state = 'processing'
  return { id, version: 1, state, name: 'a.jpg', sizeBytes: 1, contentType: 'image/jpeg' }
}

const neverFollowed: HistoryDeps['followers'] = {
  follow: async () => undefined,
  unfollow: async () => undefined,
  read: async () => undefined,
  following: async () => [],
}

/** Members as their conversation's owner knows them. */
function openMembers(requests: OwnerRequests, partitions: number): HistoryDeps['members'] {
  return {
    overview: async () => undefined,
    read: async () => undefined,
    list: async () => [],
    async membership(conversationId, userId) {
      const questions: OwnerQuestion[] = [
        { ask: 'overview', conversationId },
        { ask: 'member', conversationId, userId },
      ]
      const partition = partitionOf(conversationId, partitions)
      const [overview, member] = await requests.ask(partition, questions)
      return overview === undefined ? undefined : ({ overview, member } as Membership)
    },
  }
}
