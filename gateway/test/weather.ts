import { ChatError, type ConversationId } from '@satchel/protocol'
import type { Backend } from '@satchel/chat-core/backends'
import type {
  GatewayBus,
  GatewayMessage,
  Heads,
  Members,
  SessionEntry,
  SessionRegistry,
} from '@satchel/chat-core/ports'

/** What stands between one gateway and everything it needs. Fair, until a test makes it worse. */
export class Weather {
  /** What the bus brings to the gateway and loses on the way. */
  loses: (message: GatewayMessage) => boolean = () => false
  /** How long the bus takes with it. */
  delayOf: (message: GatewayMessage) => number = () => 0
  /** Of which conversations nobody can be asked, as between two owners. */
  isOwnerAway: (conversationId: ConversationId) => boolean = () => false
  /** What the gateway has taken goes to the log once this settles, as after it was stopped for a while. */
  stopped: Promise<unknown> | undefined
  /** The registry is out of reach, too. */
  isRegistryAway = false
  /** Questions that were asked about conversations while their owner was away. */
  asked = 0
  #isCut = false
  readonly #gapWatchers = new Set<() => void>()

  get isCut(): boolean {
    return this.#isCut
  }

  /** Bus and log are out of reach. */
  cut(): void {
    this.#isCut = true
  }

  /** They are back, and what they brought meanwhile is lost. */
  clear(): void {
    this.#isCut = false
    for (const gap of this.#gapWatchers) gap()
  }

  watchGaps(gap: () => void): () => void {
    this.#gapWatchers.add(gap)
    return () => this.#gapWatchers.delete(gap)
  }

  requireOwner(conversationId: ConversationId): void {
    if (!this.isOwnerAway(conversationId)) return
    this.asked++
    throw new ChatError('unavailable', `nobody owns the partition of ${conversationId}`)
  }
}

/** The ports of `backend` as one of several processes has them, in this weather. */
export function underWeather(backend: Backend, weather: Weather): Backend {
  return {
    ...backend,
    bus: weatheredBus(backend.bus, weather),
    heads: weatheredHeads(backend.heads, weather),
    members: weatheredMembers(backend.members, weather),
    sessions: weatheredRegistry(backend.sessions, weather),
    commandLog: {
      ...backend.commandLog,
      append: async (partition, entry) => {
        await weather.stopped
        if (weather.isCut) throw new ChatError('unavailable', 'the log is out of reach')
        return backend.commandLog.append(partition, entry)
      },
    },
  }
}

/** The ports of `backend`, whose bus loses what the weather loses and is as good as it is otherwise. */
export function withLosses(backend: Backend, weather: Weather): Backend {
  const { bus } = backend
  return {
    ...backend,
    bus: {
      crossProcess: bus.crossProcess,
      get connected() {
        return bus.connected
      },
      send: (gatewayId, message) => bus.send(gatewayId, message),
      publish: (conversationId, message) => bus.publish(conversationId, message),
      broadcast: (message) => bus.broadcast(message),
      listen: (gatewayId, listener) =>
        bus.listen(gatewayId, (message) => {
          if (!weather.loses(message)) listener(message)
        }),
      subscribe: (gatewayId, conversationId) => bus.subscribe(gatewayId, conversationId),
      unsubscribe: (gatewayId, conversationId) => bus.unsubscribe(gatewayId, conversationId),
      flush: () => bus.flush(),
      watchGaps: (gap) => bus.watchGaps(gap),
    },
  }
}

function weatheredBus(bus: GatewayBus, weather: Weather): GatewayBus {
  return {
    ...bus,
    crossProcess: true,
    get connected() {
      return !weather.isCut
    },
    send(gatewayId, message) {
      if (!weather.isCut) bus.send(gatewayId, message)
    },
    publish(conversationId, message) {
      if (!weather.isCut) bus.publish(conversationId, message)
    },
    broadcast(message) {
      if (!weather.isCut) bus.broadcast(message)
    },
    listen: (gatewayId, listener) =>
      bus.listen(gatewayId, (message) => {
        if (weather.isCut || weather.loses(message)) return
        const delayMs = weather.delayOf(message)
        if (delayMs > 0) setTimeout(() => listener(message), delayMs)
        else listener(message)
      }),
    watchGaps: (gap) => weather.watchGaps(gap),
  }
}

/** What could not be registered is, as soon as the weather clears. */
function weatheredRegistry(registry: SessionRegistry, weather: Weather): SessionRegistry {
  const unregistered = new Set<SessionEntry>()
  return {
    ...registry,
    crossProcess: true,
    async register(entry) {
      if (!weather.isRegistryAway) return registry.register(entry)
      unregistered.add(entry)
      throw new ChatError('unavailable', 'the registry is out of reach')
    },
    watchGaps: (gap) =>
      weather.watchGaps(() => {
        const entries = [...unregistered]
        unregistered.clear()
        void Promise.all(entries.map((entry) => registry.register(entry))).then(gap)
      }),
  }
}

function weatheredHeads(heads: Heads, weather: Weather): Heads {
  return {
    ...heads,
    async read(ids) {
      const found = await heads.read(ids)
      return ids.map((id, index) => {
        if (!weather.isOwnerAway(id)) return found[index]
        weather.asked++
        return 'unreachable'
      })
    },
  }
}

function weatheredMembers(members: Members, weather: Weather): Members {
  return {
    async overview(id) {
      weather.requireOwner(id)
      return members.overview(id)
    },
    async membership(id, userId) {
      weather.requireOwner(id)
      return members.membership(id, userId)
    },
    async read(id, userId) {
      weather.requireOwner(id)
      return members.read(id, userId)
    },
    async list(id, options) {
      weather.requireOwner(id)
      return members.list(id, options)
    },
  }
}
