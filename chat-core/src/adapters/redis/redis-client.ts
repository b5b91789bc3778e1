import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import { ServerPolicy } from '../server-policy.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { isTransientRedisError, redisErrorCode } from './redis-error.ts'
import type { RedisScript } from './redis-script.ts'

export interface RedisClientOptions {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` */
  readonly url: string
  /** What every key and channel starts with. */
  readonly deployment: string
  readonly name: string
  readonly telemetry: ServerTelemetry
  readonly clock: MonotonicClock
}

export type RedisCommand = readonly [name: string, ...parameters: readonly (string | number)[]]

/** After these a call has failed, and a connection that brings nothing is given up. */
const COMMAND_TIMEOUT_MS = 1_000
const SILENCE_TIMEOUT_MS = 2_000
/** So that a dead link is noticed by whoever only listens. */
const PING_INTERVAL_MS = 1_000
/** How long to wait for Redis at the start: what it holds may be missing. */
const OPEN_TIMEOUT_MS = 2_000
const MAX_CALLS = { atOnce: 1_000, waiting: 1_000 } as const
const MAX_RECONNECT_DELAY_MS = 1_000

/**
 * One connection to Redis, shared by the adapters of a process. It reconnects for ever, keeps nothing for
 * later while it is away, and every call ends within a second. What a call fails with is a `ChatError`.
 */
export class RedisClient {
  readonly deployment: string
  readonly #redis: Redis
  readonly #policy: ServerPolicy
  readonly #telemetry: ServerTelemetry
  readonly #reconnectWatchers = new Set<() => void>()
  readonly #channels = new Map<string, Set<(message: string) => void>>()
  readonly #pings: NodeJS.Timeout
  #wasConnected = false
  #isClosing = false
  /** Since the connection was there last. */
  #lastError: Error | undefined

  constructor(redis: Redis, { url, deployment, telemetry, clock }: RedisClientOptions) {
    const address = new URL(url).host
    this.deployment = deployment
    this.#redis = redis
    this.#telemetry = telemetry
    this.#policy = new ServerPolicy({
      ...{ server: 'redis', address, telemetry, clock, ...MAX_CALLS },
      ...{ isTransient: isTransientRedisError, codeOf: redisErrorCode },
    })
    this.#pings = setInterval(() => {
      redis.ping().catch(() => undefined)
    }, PING_INTERVAL_MS)
    this.#pings.unref()
    redis.on('ready', () => {
      this.#ready()
    })
    redis.on('close', () => {
      if (!this.#isClosing) telemetry.breaker('redis', 'open', { address, cause: this.#lastError })
    })
    redis.on('error', (error) => {
      this.#lastError = error
      telemetry.failed('redis', redisErrorCode(error))
    })
    redis.on('message', (channel: string, message: string) => {
      for (const take of this.#channels.get(channel) ?? []) take(message)
    })
  }

  get connected(): boolean {
    return this.#redis.status === 'ready'
  }

  /** A key, or channel, of this deployment. */
  key(...names: readonly string[]): string {
    return [this.deployment, ...names].join(':')
  }

  /** Calls back each time the connection is back after a loss: Redis may have forgotten anything. */
  watchReconnects(back: () => void): () => void {
    this.#reconnectWatchers.add(back)
    return () => this.#reconnectWatchers.delete(back)
  }

  /** One round trip for all of them. Their answers in order; rejects when one of them failed. */
  async run(commands: readonly RedisCommand[]): Promise<readonly unknown[]> {
    if (commands.length === 0) return []
    return this.#policy.callOnce(async () => {
      const pipeline = this.#redis.pipeline()
      for (const [name, ...parameters] of commands) pipeline.call(name, ...parameters)
      const answers = (await pipeline.exec()) ?? []
      return answers.map(([error, answer]) => {
        if (error !== null) throw error
        return answer
      })
    })
  }

  /** Runs the script as one step; in one round trip, but for the first time. */
  runScript(
    script: RedisScript,
    keys: readonly string[],
    parameters: readonly (string | number)[],
  ): Promise<unknown> {
    return this.#policy.callOnce(async () => {
      try {
        return await this.#redis.evalsha(script.sha1, keys.length, ...keys, ...parameters)
      } catch (error) {
        if (redisErrorCode(error) !== 'NOSCRIPT') throw error
        return this.#redis.eval(script.source, keys.length, ...keys, ...parameters)
      }
    })
  }

  /** Messages on a channel, from when Redis knows of it. Those sent during a loss are lost. */
  subscribe(channel: string, take: (message: string) => void): () => void {
    const takers = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, takers)
    takers.add(take)
    if (takers.size === 1) this.#listenTo(channel)
    return () => {
      takers.delete(take)
      if (takers.size > 0) return
      this.#channels.delete(channel)
      this.#redis.unsubscribe(channel).catch(() => undefined)
    }
  }

  close(): void {
    this.#isClosing = true
    clearInterval(this.#pings)
    this.#redis.disconnect()
  }

  #ready(): void {
    this.#lastError = undefined
    this.#telemetry.breaker('redis', 'closed')
    for (const channel of this.#channels.keys()) this.#listenTo(channel)
    if (this.#wasConnected) for (const back of this.#reconnectWatchers) back()
    this.#wasConnected = true
  }

  #listenTo(channel: string): void {
    // Without a connection it fails, and is repeated with the next one.
    this.#redis.subscribe(channel).catch(() => undefined)
  }
}

/** Settles when connected, or after two seconds without: everything that Redis holds may be missing. */
export async function openRedisClient(options: RedisClientOptions): Promise<RedisClient> {
  const redis = new Redis(options.url, {
    lazyConnect: true,
    connectionName: options.name,
    connectTimeout: SILENCE_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // What is asked while Redis is away fails at once, and what was on its way as soon as that is known.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.random() * Math.min(MAX_RECONNECT_DELAY_MS, 50 * 2 ** attempt),
    // After a failover the address may lead to another server.
    reconnectOnError: (error) => redisErrorCode(error) === 'READONLY',
  })
  const client = new RedisClient(redis, options)
  const opened = new AbortController()
  await Promise.race([
    redis.connect().catch(() => undefined),
    setTimeout(OPEN_TIMEOUT_MS, undefined, { signal: opened.signal }).catch(() => undefined),
  ])
  opened.abort()
  return client
}
