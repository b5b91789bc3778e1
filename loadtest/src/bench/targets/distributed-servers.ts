import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  startDeployment,
  type Deployment,
} from '../../../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../../../scripts/services/start-services.mjs'
import type { BenchServers } from '../bench-target.ts'

export interface DistributedServersOptions {
  readonly folder: string
  readonly log: (line: string) => void
}

type Services = Awaited<ReturnType<typeof startServices>>

const GATEWAYS = 2
const CHAT_CORES = 2

/** A deployment and its servers, one of each kind: what is counted is all of it. */
export class DistributedServers implements BenchServers {
  readonly #options: DistributedServersOptions
  #services: Services | undefined
  #deployment: Deployment | undefined

  constructor(options: DistributedServersOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { folder, log } = this.#options
    await mkdir(folder, { recursive: true })
    this.#services = await startServices({ folder: join(folder, 'services'), natsServers: 1, log })
    this.#deployment = await startDeployment({
      folder: join(folder, 'satchel'),
      addresses: this.#services.addresses,
      gateways: GATEWAYS,
      chatCores: CHAT_CORES,
      settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
    })
  }

  async stop(): Promise<void> {
    await this.#deployment?.stop()
    await this.#services?.stop()
  }

  pids(): readonly number[] {
    const { processes = [] } = this.#deployment ?? {}
    const { servers = [] } = this.#services ?? {}
    return [...processes, ...servers].flatMap(({ pid }) => pid ?? [])
  }

  portOf(user: number): number {
    const urls = this.#deployment?.gatewayUrls ?? []
    return Number(new URL(urls[user % urls.length] ?? '').port)
  }

  get tokenSecret(): string {
    return this.#deployment?.secrets.tokenSecret ?? ''
  }
}
