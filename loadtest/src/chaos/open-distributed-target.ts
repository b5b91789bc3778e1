import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../../scripts/services/start-services.mjs'
import type { ChaosTarget } from './chaos-target.ts'
import type { StrikeChoice } from './strike-schedule.ts'

export interface DistributedTargetOptions {
  readonly folder: string
  readonly natsServers: 1 | 3
  /** Which of `STRIKES` may be dealt; all when empty. */
  readonly strikes: readonly string[]
  readonly tell: (line: string) => void
}

const RECOVERY_MS = 120_000
const CASSANDRA_BEGINS_MS = 30_000

const GATEWAYS = ['gateway-1', 'gateway-2']
const CHAT_CORES = ['chat-core-1', 'chat-core-2']
const NATS = ['nats-1', 'nats-2', 'nats-3']

/** What may be done to whom, by name. Where a name stands for several processes, one of them is hit. */
export const STRIKES: Readonly<Record<string, readonly StrikeChoice[]>> = {
  'kill-gateway': eachOf('kill', GATEWAYS),
  'kill-chat-core': eachOf('kill', CHAT_CORES),
  'pause-chat-core': eachOf('pause', CHAT_CORES),
  'restart-chat-core': eachOf('restart', CHAT_CORES),
  'restart-gateway': eachOf('restart', GATEWAYS),
  'kill-media-worker': [{ kind: 'kill', victims: ['media-worker-1'] }],
  'kill-redis': [{ kind: 'kill', victims: ['redis'] }],
  'kill-nats': eachOf('kill', NATS),
  'kill-all-nats': [{ kind: 'kill', victims: NATS }],
  'pause-nats': eachOf('pause', NATS),
  'kill-cassandra': [{ kind: 'kill', victims: ['cassandra'] }],
  'pause-cassandra': [{ kind: 'pause', victims: ['cassandra'] }],
  'kill-everything': [
    {
      kind: 'kill',
      victims: [...GATEWAYS, ...CHAT_CORES, 'media-worker-1', 'redis', ...NATS, 'cassandra', 's3'],
    },
  ],
}

/** Two gateways, two chat-cores and a media worker on real servers, all of which may be hurt. */
export async function openDistributedTarget(
  options: DistributedTargetOptions,
): Promise<ChaosTarget> {
  const { folder, natsServers, tell: log } = options
  const services = await startServices({ folder: `${folder}/services`, natsServers, log })
  try {
    const deployment = await startDeployment({
      folder: `${folder}/satchel`,
      addresses: services.addresses,
      settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
    })
    const victims = [...services.servers, ...deployment.processes]
    const { processes } = deployment
    const names = new Set(victims.map(({ name }) => name))
    return {
      ports: deployment.gatewayUrls.map((url) => Number(new URL(url).port)),
      tokenSecret: deployment.secrets.tokenSecret,
      serverKey: deployment.secrets.serverKey,
      victims,
      memoryBytes: () => new Map(processes.map(({ name, rssBytes }) => [name, rssBytes])),
      choices: choicesOf(options.strikes).flatMap((choice) => among(choice, names)),
      recoveryMs: RECOVERY_MS + CASSANDRA_BEGINS_MS,
      async close() {
        await deployment.stop()
        await services.stop()
      },
    }
  } catch (error) {
    await services.stop()
    throw error
  }
}

function choicesOf(strikes: readonly string[]): readonly StrikeChoice[] {
  const wanted = strikes.length === 0 ? Object.keys(STRIKES) : strikes
  return wanted.flatMap((name) => {
    const choices = STRIKES[name]
    if (choices === undefined)
      throw new Error(`${name} is none of ${Object.keys(STRIKES).join(', ')}`)
    return choices
  })
}

/** The choice as far as there are such victims: fewer NATS servers may run. */
function among(choice: StrikeChoice, names: ReadonlySet<string>): readonly StrikeChoice[] {
  const victims = choice.victims.filter((name) => names.has(name))
  return victims.length === 0 ? [] : [{ ...choice, victims }]
}

function eachOf(kind: StrikeChoice['kind'], names: readonly string[]): readonly StrikeChoice[] {
  return names.map((name) => ({ kind, victims: [name] }))
}
