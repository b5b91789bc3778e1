import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../../scripts/services/start-services.mjs'
import type { ChaosTarget } from './chaos-target.ts'
import { chooseStrikes, type StrikeTable } from './choose-strikes.ts'
import { processVictim } from './process-victim.ts'
import type { StrikeChoice } from './strike-schedule.ts'
import { WIRE_STRIKES } from './wire.ts'
import { WIRED_ROLES, Wires } from './wires.ts'

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
const STRIKES: StrikeTable = {
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
  'wire-clients': ofWires(GATEWAYS.map((gateway) => `clients-${gateway}`)),
  'wire-nats': ofWires(WIRED_ROLES.map((role) => `${role}-nats`)),
  'wire-redis': ofWires(WIRED_ROLES.map((role) => `${role}-redis`)),
  'wire-cassandra': ofWires(WIRED_ROLES.map((role) => `${role}-cassandra`)),
}

/** Two gateways, two chat-cores and a media worker on real servers, with wires between them: all may be hurt. */
export async function openDistributedTarget(
  options: DistributedTargetOptions,
): Promise<ChaosTarget> {
  const { folder, natsServers, tell: log } = options
  const services = await startServices({ folder: `${folder}/services`, natsServers, log })
  const wires = new Wires()
  try {
    const { addresses } = services
    const deployment = await startDeployment({
      folder: `${folder}/satchel`,
      addresses,
      settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
      settingsOfRole: {
        gateway: await wires.settingsOf('gateway', addresses),
        'chat-core': await wires.settingsOf('chat-core', addresses),
      },
    })
    const clientWires = await Promise.all(
      deployment.gatewayUrls.map((url, index) => wires.open(`clients-gateway-${index + 1}`, url)),
    )
    const { processes } = deployment
    const victims = [...services.servers, ...processes].map((one) => processVictim(one))
    const all = [...victims, ...wires.list()]
    const names = new Set(all.map(({ name }) => name))
    return {
      ports: clientWires.map(({ address }) => Number(new URL(address).port)),
      tokenSecret: deployment.secrets.tokenSecret,
      serverKey: deployment.secrets.serverKey,
      victims: all,
      memoryBytes: () => new Map(processes.map(({ name, rssBytes }) => [name, rssBytes])),
      choices: chooseStrikes(STRIKES, options.strikes)
        .map((choices) => choices.flatMap((choice) => among(choice, names)))
        .filter((choices) => choices.length > 0),
      recoveryMs: RECOVERY_MS + CASSANDRA_BEGINS_MS,
      async close() {
        await deployment.stop()
        await wires.close()
        await services.stop()
      },
    }
  } catch (error) {
    await wires.close()
    await services.stop()
    throw error
  }
}

/** The choice as far as there are such victims: fewer NATS servers may run. */
function among(choice: StrikeChoice, names: ReadonlySet<string>): readonly StrikeChoice[] {
  const victims = choice.victims.filter((name) => names.has(name))
  return victims.length === 0 ? [] : [{ ...choice, victims }]
}

function ofWires(names: readonly string[]): readonly StrikeChoice[] {
  return names.flatMap((name) => WIRE_STRIKES.map((kind) => ({ kind, victims: [name] })))
}

function eachOf(kind: StrikeChoice['kind'], names: readonly string[]): readonly StrikeChoice[] {
  return names.map((name) => ({ kind, victims: [name] }))
}
