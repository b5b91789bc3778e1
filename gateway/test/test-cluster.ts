import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createOwnerTelemetry, startOwner } from '@satchel/chat-core'
import { openEmbeddedBackend, type Backend } from '@satchel/chat-core/backends'
import {
  createLog,
  createMetrics,
  createTimers,
  readSettings,
  type Metrics,
  type Settings,
  type Timers,
} from '@satchel/chat-core/runtime'
import { openGateway, type GatewayDeps, type RunningGateway } from '../src/gateway.ts'
import { withEmbeddedSecrets } from '../src/tokens/embedded-secrets.ts'
import { signToken } from '../src/tokens/sign-token.ts'
import { SocketClient } from './socket-client.ts'
import { userIdOf } from './test-server.ts'
import { underWeather, Weather } from './weather.ts'

export interface TestClusterOptions extends Partial<Pick<GatewayDeps, 'times' | 'outboundSteps'>> {
  readonly gateways?: number
  readonly environment?: Readonly<Record<string, string>>
  /** How many times faster than it is the owner takes time to pass; 1 unless given. */
  readonly ownerHaste?: number
  /** Stands between all gateways and the owner. */
  readonly wrapBackend?: (backend: Backend) => Backend
}

/**
 * Several gateways and one owner over the ports of one process, each gateway in a weather of its own: what
 * they must do to each other's sessions, and when something is away, without the servers that connect them.
 */
export async function openTestCluster(context: TestContext, options: TestClusterOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-gateway-'))
  const settings = withEmbeddedSecrets(
    readSettings({
      SATCHEL_PORT: '0',
      SATCHEL_DATA_DIR: dataDir,
      SATCHEL_DRAIN_MS: '50',
      ...options.environment,
    }),
  )
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  const backend = await openEmbeddedBackend({
    dataDir,
    pid: process.pid,
    onListenerError: (error) => {
      throw error
    },
  })
  const telemetry = createOwnerTelemetry(log, createMetrics({ processMetrics: false }))
  const timers = hasty(options.ownerHaste ?? 1)
  const owner = startOwner({ ...backend, settings, telemetry, timers })
  const gateways: TestGateway[] = []
  context.after(async () => {
    for (const gateway of gateways) await gateway.close()
    await owner.close()
    await backend.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const shared = options.wrapBackend?.(backend) ?? backend
  while (gateways.length < (options.gateways ?? 2)) {
    const weather = new Weather()
    const metrics = createMetrics({ processMetrics: false })
    const gateway = await openGateway({
      backend: underWeather(shared, weather),
      settings,
      log,
      metrics,
      webClient: Promise.resolve(new Map()),
      times: options.times,
      outboundSteps: options.outboundSteps,
    })
    gateways.push(new TestGateway({ gateway, weather, metrics, settings }))
  }
  const [one, other] = gateways
  if (one === undefined) throw new Error('a cluster has at least one gateway')
  return { backend, settings, gateways, one, other: other ?? one }
}

function hasty(haste: number): Timers {
  const timers = createTimers()
  return {
    elapsedMs: () => timers.elapsedMs() * haste,
    after: (delayMs, callback) => timers.after(delayMs / haste, callback),
  }
}

interface TestGatewayParts {
  readonly gateway: RunningGateway
  readonly weather: Weather
  readonly metrics: Metrics
  readonly settings: Settings
}

/** One of them, and the clients it has. */
export class TestGateway {
  readonly gateway: RunningGateway
  readonly weather: Weather
  readonly #metrics: Metrics
  readonly #settings: Settings
  readonly #clients: SocketClient[] = []

  constructor({ gateway, weather, metrics, settings }: TestGatewayParts) {
    this.gateway = gateway
    this.weather = weather
    this.#metrics = metrics
    this.#settings = settings
  }

  get url(): string {
    return `http://127.0.0.1:${this.gateway.port}`
  }

  get socketUrl(): string {
    return `ws://127.0.0.1:${this.gateway.port}/v1/socket`
  }

  tokenOf(user: string): Promise<string> {
    const options = { userId: userIdOf(user), nowMs: Date.now(), lifetimeMs: 3_600_000 }
    return signToken(this.#settings.tokenSecret ?? '', options)
  }

  async connect(): Promise<SocketClient> {
    const client = await SocketClient.connect(this.socketUrl, 'msgpack')
    this.#clients.push(client)
    return client
  }

  /** A session of this user that has been welcomed. */
  async signIn(
    user: string,
    options: Parameters<SocketClient['hello']>[1] = {},
  ): Promise<SocketClient> {
    const client = await this.connect()
    await client.hello(await this.tokenOf(user), options)
    return client
  }

  metrics(): Promise<{ readonly text: string }> {
    return this.#metrics.render()
  }

  /** What a metric without labels counts. */
  async metric(name: string): Promise<number> {
    const { text } = await this.metrics()
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? NaN)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.gateway.close()
  }
}
