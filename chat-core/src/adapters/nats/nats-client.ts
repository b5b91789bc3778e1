import { setTimeout } from 'node:timers/promises'
import { connect, Events, type ConnectionOptions, type NatsConnection } from 'nats'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { createTimers } from '../../runtime/timers.ts'
import { natsError } from './nats-error.ts'
import { RequestInbox } from './request-inbox.ts'

export interface NatsClientOptions {
  /** `nats://[user:password@]host:port`; credentials of the first hold for all. */
  readonly urls: readonly string[]
  /** What every subject, stream and bucket starts with. */
  readonly deployment: string
  /** How the connection is called in the server's monitoring. */
  readonly name: string
  readonly telemetry: ServerTelemetry
  /** How long servers may take to be there at first; 10 s unless given. */
  readonly openTimeoutMs?: number | undefined
}

// A link that swallows everything is noticed between two and three of these.
const PING_INTERVAL_MS = 1_000
const MAX_PINGS_OUT = 2
const HANDSHAKE_TIMEOUT_MS = 2_000
const CLOSE_TIMEOUT_MS = 2_000
/** Between attempts at one server: soon after a restart, and not all processes at once. */
const RECONNECT_DELAY_MS = { least: 100, most: 900 } as const

/** One connection to NATS, shared by the adapters of a process. It reconnects for ever. */
export class NatsClient {
  readonly deployment: string
  readonly connection: NatsConnection
  readonly requests: RequestInbox
  readonly #telemetry: ServerTelemetry
  readonly #reconnectWatchers = new Set<() => void>()
  #connected = true
  #isClosing = false
  /** Since the connection was there last. */
  #lastCode: string | undefined

  constructor(
    connection: NatsConnection,
    options: Pick<NatsClientOptions, 'deployment' | 'telemetry'>,
  ) {
    this.connection = connection
    this.requests = new RequestInbox(connection, createTimers())
    this.deployment = options.deployment
    this.#telemetry = options.telemetry
    void this.#watch()
  }

  /** While false, the driver drops or holds back what is published. */
  get connected(): boolean {
    return this.#connected
  }

  /**
   * Calls back each time the connection is back after a loss: subscriptions are renewed, and whatever was on
   * its way in either direction may be lost. The returned function ends it.
   */
  watchReconnects(back: () => void): () => void {
    this.#reconnectWatchers.add(back)
    return () => this.#reconnectWatchers.delete(back)
  }

  /** Sends what is waiting and leaves; without a server, at once. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.requests.close()
    if (this.#connected) await this.#drain()
    await this.connection.close()
    this.requests.end()
  }

  async #drain(): Promise<void> {
    const late = new AbortController()
    try {
      await Promise.race([
        this.connection.drain(),
        setTimeout(CLOSE_TIMEOUT_MS, undefined, { signal: late.signal }),
      ])
    } catch {
      // It was being closed already.
    } finally {
      late.abort()
    }
  }

  /** Goes on until the connection is closed; never rejects. */
  async #watch(): Promise<void> {
    for await (const { type, data } of this.connection.status()) {
      const said = typeof data === 'string' ? data : type
      if (type === Events.Error) this.#failed(said)
      else if (type === Events.Disconnect) this.#lost(said)
      else if (type === Events.Reconnect) this.#back()
    }
  }

  #failed(code: string): void {
    this.#lastCode = code
    this.#telemetry.failed('nats', code)
  }

  #lost(address: string): void {
    this.#connected = false
    this.requests.lost()
    if (this.#isClosing) return
    this.#telemetry.breaker('nats', 'open', { address, cause: this.#lastCode })
  }

  #back(): void {
    this.#connected = true
    this.#lastCode = undefined
    this.#telemetry.breaker('nats', 'closed')
    this.requests.back()
    for (const back of this.#reconnectWatchers) back()
  }
}

/** Connects; rejects with `unavailable` when no server has taken the connection in time. */
export async function openNatsClient(options: NatsClientOptions): Promise<NatsClient> {
  const late = AbortSignal.timeout(options.openTimeoutMs ?? 10_000)
  for (;;) {
    try {
      return new NatsClient(await connect(connectionOptions(options)), options)
    } catch (error) {
      if (late.aborted) throw natsError(`be reached at ${hostsOf(options).join(', ')}`, error)
      await setTimeout(reconnectDelayMs())
    }
  }
}

/** Without credentials. */
function hostsOf({ urls }: NatsClientOptions): string[] {
  return urls.map((url) => new URL(url).host)
}

function connectionOptions({ urls, name }: NatsClientOptions): ConnectionOptions {
  const addresses = urls.map((url) => new URL(url))
  const [{ username, password } = { username: '', password: '' }] = addresses
  return {
    name,
    servers: addresses.map(({ host }) => host),
    ...(username !== '' && {
      user: decodeURIComponent(username),
      pass: decodeURIComponent(password),
    }),
    timeout: HANDSHAKE_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    // A password that is being changed is no reason to give up for ever.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: reconnectDelayMs,
    noAsyncTraces: true,
  }
}

function reconnectDelayMs(): number {
  const { least, most } = RECONNECT_DELAY_MS
  return least + Math.random() * (most - least)
}
