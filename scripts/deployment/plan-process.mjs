import { join } from 'node:path'
import { repositoryRoot } from '../installation.mjs'

/** @typedef {import('../services/server.mjs').ServerPlan} ServerPlan */
/** @typedef {'gateway' | 'chat-core' | 'media-worker'} Role */

const PROBE_TIMEOUT_MS = 1_000
const START_TIMEOUT_MS = 30_000

/**
 * One process of Satchel, to be run as the services are: found again by a file, ended by its pid.
 *
 * @param {object} options
 * @param {Role} options.role
 * @param {number} options.number from 1
 * @param {number} options.port
 * @param {string} options.folder of run files, logs and scratch
 * @param {Readonly<Record<string, string>>} options.settings
 * @param {readonly string[]} [options.nodeFlags]
 * @returns {ServerPlan}
 */
export function planProcess({ role, number, port, folder, settings, nodeFlags = [] }) {
  const name = `${role}-${number}`
  const address = `http://127.0.0.1:${port}`
  const dataFolder = join(folder, 'data', name)
  return {
    name,
    address,
    ports: [port],
    program: join(repositoryRoot, 'node_modules', '.bin', 'node'),
    arguments: [...nodeFlags, join(repositoryRoot, role, 'src', 'main.ts')],
    environment: { ...settings, SATCHEL_PORT: String(port), SATCHEL_DATA_DIR: dataFolder },
    dataFolder,
    probe: async () => {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
      const response = await fetch(`${address}/ready`, { signal })
      if (!response.ok) throw new Error(`it answered ${response.status}`)
      return 'this checkout'
    },
    startTimeoutMs: START_TIMEOUT_MS,
  }
}
