import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { gatherOutput } from '../gather-output.mjs'
import { repositoryRoot } from '../installation.mjs'
import { Server } from '../services/server.mjs'
import { createPortFinder } from '../services/service-ports.mjs'
import { deploymentSettings, makeSecrets } from './deployment-settings.mjs'
import { planProcess } from './plan-process.mjs'

/** @typedef {import('./plan-process.mjs').Role} Role */
/** @typedef {import('./deployment-settings.mjs').DeploymentSecrets} DeploymentSecrets */

/**
 * @typedef {object} DeploymentOptions
 * @property {string} folder of run files, logs and scratch; made when missing
 * @property {import('../services/start-services.mjs').ServiceAddresses} addresses of running services
 * @property {string} [deployment] `satchel` by default
 * @property {number} [partitions] 64 by default
 * @property {number} [gateways] 2 by default
 * @property {number} [chatCores] 2 by default
 * @property {number} [mediaWorkers] 1 by default
 * @property {Readonly<Partial<Record<Role, number>>>} [firstPorts] the first process of a role takes this one; free ones by default
 * @property {DeploymentSecrets} [secrets] new ones by default
 * @property {Readonly<Record<string, string>>} [settings] over those that follow from the addresses
 * @property {Readonly<Partial<Record<Role, Readonly<Record<string, string>>>>>} [settingsOfRole] over these again
 * @property {readonly string[]} [nodeFlags]
 * @property {boolean} [tied] whether the processes end with this one; they do by default
 */

const PROVISION_TIMEOUT_MS = 120_000
const ROLES = /** @type {const} */ (['chat-core', 'media-worker', 'gateway'])

/**
 * Provisions a deployment and starts its processes; settles when all are ready. What fails stops all that was started.
 *
 * @param {DeploymentOptions} options
 */
export async function startDeployment(options) {
  const secrets = options.secrets ?? makeSecrets()
  const { addresses, deployment = 'satchel', partitions = 64 } = options
  const shared = deploymentSettings({ deployment, addresses, secrets, partitions })
  const settings = { ...shared, ...options.settings }
  await provision(settings)
  const processes = await planProcesses(options, settings)
  const started = new Deployment({ processes, settings, secrets })
  try {
    await Promise.all(processes.map((process) => process.start()))
  } catch (error) {
    await started.stop()
    throw error
  }
  return started
}

/** Processes of Satchel that were started together. */
export class Deployment {
  /**
   * @param {object} started
   * @param {readonly Server[]} started.processes
   * @param {Readonly<Record<string, string>>} started.settings
   * @param {DeploymentSecrets} started.secrets
   */
  constructor({ processes, settings, secrets }) {
    this.processes = processes
    this.settings = settings
    this.secrets = secrets
  }

  /**
   * One of them: `gateway-1`, `chat-core-2`, `media-worker-1` …
   *
   * @param {string} name
   */
  process(name) {
    const process = this.processes.find((candidate) => candidate.name === name)
    if (process === undefined) throw new Error(`there is no process ${name}`)
    return process
  }

  /** Where clients go. */
  get gatewayUrls() {
    return this.processes
      .filter(({ name }) => name.startsWith('gateway-'))
      .map(({ address }) => address)
  }

  /** Gateways leave first, so that what they took is still decided. */
  async stop() {
    for (const role of ROLES.toReversed()) {
      const ofRole = this.processes.filter(({ name }) => name.startsWith(`${role}-`))
      await Promise.all(ofRole.map((process) => process.stop()))
    }
  }
}

/**
 * @param {DeploymentOptions} options
 * @param {Readonly<Record<string, string>>} settings
 */
async function planProcesses(options, settings) {
  const { folder, firstPorts = {}, nodeFlags, tied = true } = options
  const counts = {
    gateway: options.gateways ?? 2,
    'chat-core': options.chatCores ?? 2,
    'media-worker': options.mediaWorkers ?? 1,
  }
  const findPort = createPortFinder()
  const processes = []
  for (const role of ROLES) {
    for (let number = 1; number <= counts[role]; number++) {
      const first = firstPorts[role]
      const port = first === undefined ? await findPort() : first + number - 1
      const own = { ...settings, ...options.settingsOfRole?.[role] }
      const plan = planProcess({ role, number, port, folder, settings: own, nodeFlags })
      processes.push(new Server(plan, { folder, tied }))
    }
  }
  return processes
}

/**
 * Makes schema, streams and bucket, or finds them made.
 *
 * @param {Readonly<Record<string, string>>} settings
 */
async function provision(settings) {
  const node = join(repositoryRoot, 'node_modules', '.bin', 'node')
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(node, [join(repositoryRoot, 'chat-core', 'src', 'provision-main.ts')], {
    env: { PATH, HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PROVISION_TIMEOUT_MS,
  })
  const { code, output } = await gatherOutput(child)
  if (code !== 0) throw new Error(`provisioning failed:\n${output.trim()}`)
}
