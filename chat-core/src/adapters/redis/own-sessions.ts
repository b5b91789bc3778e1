import type { SessionId, UserId } from '@satchel/protocol'
import type { SessionEntry } from '../../ports/session-registry.ts'
import { CommandBatch } from './command-batch.ts'
import type { RedisClient, RedisCommand } from './redis-client.ts'
import { formatPlace, gatewayKey, sessionsKey } from './session-keys.ts'

export interface OwnSessionsOptions {
  readonly client: RedisClient
  /** New with each start of the process. */
  readonly bootId: string
  /** Sessions that Redis had forgotten are there again. */
  readonly restored: (sessions: number) => void
}

const HEARTBEAT_MS = 2_000
const HEARTBEAT_LIFETIME_MS = 6_000
/** A user's hash ends this long after it was last touched; each session touches it once per refresh. */
const HASH_LIFETIME_MS = 30 * 60_000
const REFRESH_MS = 10 * 60_000
const CHUNK = 500
const MAX_GONE = 10_000

/**
 * The sessions of this process, and its part in keeping Redis' copy of them right: heartbeats, and everything
 * once more when Redis has forgotten it or may have.
 */
export class OwnSessions {
  readonly #options: OwnSessionsOptions
  readonly #batch: CommandBatch
  readonly #sessions = new Map<SessionId, SessionEntry>()
  readonly #gatewayIds = new Set<string>()
  // Ended while Redis could not be told.
  readonly #gone = new Map<SessionId, UserId>()
  readonly #timer: NodeJS.Timeout
  readonly #unwatch: () => void
  #refreshing: Iterator<SessionEntry> = this.#sessions.values()
  #losses = 0
  #restoredLosses = 0
  #beating: Promise<void> | undefined

  constructor(options: OwnSessionsOptions) {
    const { client } = options
    this.#options = options
    this.#batch = new CommandBatch(client)
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS)
    this.#timer.unref()
    this.#unwatch = client.watchReconnects(() => {
      this.#losses++
      void this.#beat()
    })
  }

  /** Never rejects: what Redis does not take now it is told later. */
  async register(entry: SessionEntry): Promise<void> {
    this.#sessions.set(entry.sessionId, entry)
    const isNewGateway = !this.#gatewayIds.has(entry.gatewayId)
    this.#gatewayIds.add(entry.gatewayId)
    try {
      const heartbeat = isNewGateway ? [this.#heartbeat(entry.gatewayId)] : []
      await this.#batch.add(...heartbeat, ...this.#entry(entry))
    } catch {
      this.#losses++
    }
  }

  async unregister({ sessionId, userId }: SessionEntry): Promise<void> {
    this.#sessions.delete(sessionId)
    try {
      await this.#batch.add(this.#removal(sessionId, userId))
    } catch {
      // At worst its gateway gets messages for nobody.
      if (this.#gone.size < MAX_GONE) this.#gone.set(sessionId, userId)
      this.#losses++
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#unwatch()
    await this.#beating
    const { client } = this.#options
    const keys = [...this.#gatewayIds].map((id) => gatewayKey(client, id))
    // Without Redis they end by themselves.
    await client.run(keys.map((key) => ['DEL', key])).catch(() => undefined)
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#tellRedis()
      .catch(() => undefined)
      .finally(() => (this.#beating = undefined))
    return this.#beating
  }

  async #tellRedis(): Promise<void> {
    const { client, bootId, restored } = this.#options
    if (this.#gatewayIds.size === 0) return
    const before = await client.run([...this.#gatewayIds].map((id) => this.#heartbeat(id)))
    if (before.some((boot) => boot !== bootId)) this.#losses++
    if (this.#losses === this.#restoredLosses) {
      await client.run(this.#nextRefreshed())
      return
    }
    const losses = this.#losses
    await this.#restore()
    this.#restoredLosses = losses
    restored(this.#sessions.size)
  }

  async #restore(): Promise<void> {
    const gone = [...this.#gone]
    await this.#options.client.run(
      gone.map(([sessionId, userId]) => this.#removal(sessionId, userId)),
    )
    for (const [sessionId] of gone) this.#gone.delete(sessionId)
    const sessions = this.#sessions.values()
    for (;;) {
      // Put together when it is sent: whoever leaves after that is taken out after it.
      const commands = this.#take(sessions, CHUNK)
      if (commands.length === 0) return
      await this.#options.client.run(commands)
    }
  }

  /** Some of the sessions, so that each has its turn within ten minutes. */
  #nextRefreshed(): readonly RedisCommand[] {
    const count = Math.ceil((this.#sessions.size * HEARTBEAT_MS) / REFRESH_MS)
    const commands = this.#take(this.#refreshing, count)
    if (commands.length === 0) this.#refreshing = this.#sessions.values()
    return commands
  }

  #take(sessions: Iterator<SessionEntry>, count: number): readonly RedisCommand[] {
    const commands: RedisCommand[] = []
    for (let taken = 0; taken < count; taken++) {
      const next = sessions.next()
      if (next.done === true) break
      commands.push(...this.#entry(next.value))
    }
    return commands
  }

  #entry({ sessionId, userId, gatewayId }: SessionEntry): readonly RedisCommand[] {
    const { client, bootId } = this.#options
    const key = sessionsKey(client, userId)
    return [
      ['HSET', key, sessionId, formatPlace({ gatewayId, bootId })],
      ['PEXPIRE', key, HASH_LIFETIME_MS],
    ]
  }

  #removal(sessionId: SessionId, userId: UserId): RedisCommand {
    return ['HDEL', sessionsKey(this.#options.client, userId), sessionId]
  }

  /** Gives the boot id that Redis had before, none where it had forgotten the gateway. */
  #heartbeat(gatewayId: string): RedisCommand {
    const { client, bootId } = this.#options
    return ['SET', gatewayKey(client, gatewayId), bootId, 'PX', HEARTBEAT_LIFETIME_MS, 'GET']
  }
}
