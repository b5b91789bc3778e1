import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  startDeployment,
  type Deployment,
} from '../../../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../../../scripts/services/start-services.mjs'
import type { BenchServers } from '../bench-target.ts'
import type { NamedProcess } from '../process-meter.ts'

export interface DistributedServersOptions {
  readonly folder: string
  /** 2 unless given. */
  readonly gateways?: number | undefined
  readonly chatCores?: number | undefined
  readonly log: (line: string) => void
}

type Services = Awaited<ReturnType<typeof startServices>>

/** A deployment and its servers, one of each kind: what is counted is all of it. */
export class DistributedServers implements BenchServers {
  readonly #options: DistributedServersOptions
  #services: Services | undefined
  #deployment: Deployment | undefined

  constructor(options: DistributedServersOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { folder, gateways = 2, chatCores = 2, log } = this.#options
    await mkdir(folder, { recursive: true })
    this.#services = await startServices({ folder: join(folder, 'services'), natsServers: 1, log })
    try {
      this.#deployment = await startDeployment({
        folder: join(folder, 'satchel'),
        addresses: this.#services.addresses,
        gateways,
        chatCores,
        settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
      })
    } catch (error) {
      await this.#services.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.#deployment?.stop()
    await this.#services?.stop()
  }

  /** Of the product: gateways, chat-cores and media workers. */
  get deployment(): Deployment {
    if (this.#deployment === undefined) throw new Error('the deployment was not started')
    return this.#deployment
  }

  /** All that run, servers of others included. */
  processes(): readonly NamedProcess[] {
    const { processes = [] } = this.#deployment ?? {}
    const { servers = [] } = this.#services ?? {}
    const ours = processes.map(({ name, pid, address }) => {
      return { name, pid, metricsUrl: `${address}/metrics` }
    })
    const theirs = servers.map(({ name, pid }) => ({ name, pid, metricsUrl: undefined }))
    return [...ours, ...theirs].flatMap(({ name, pid, metricsUrl }) =>
      pid === undefined ? [] : [{ name, pid, metricsUrl }],
    )
  }

  /** Where the servers keep what grows. */
  get folders() {
    const data = join(this.#options.folder, 'services', 'data')
    return {
      log: [join(data, 'nats')],
      store: [join(data, 'cassandra')],
      media: [join(data, 's3')],
    }
  }

  /** Of the gateways. */
  get ports(): readonly number[] {
    return this.deployment.gatewayUrls.map((url) => Number(new URL(url).port))
  }

  portOf(user: number): number {
    return this.ports[user % this.ports.length] ?? 0
  }

  get tokenSecret(): string {
    return this.#deployment?.secrets.tokenSecret ?? ''
  }

  get serverKey(): string {
    return this.deployment.secrets.serverKey
  }
}
