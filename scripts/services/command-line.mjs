import { parseArgs } from 'node:util'
import { SERVICE_NAMES } from './service-names.mjs'
import { DEFAULT_PORTS } from './service-ports.mjs'

/** @typedef {'start' | 'stop' | 'status' | 'reset' | 'obtain'} ServicesCommand */
/** @typedef {import('./service-ports.mjs').ServicePorts} ServicePorts */

/** @type {readonly ServicesCommand[]} */
const COMMANDS = ['start', 'stop', 'status', 'reset', 'obtain']

// `natsCluster` is set by `--nats-cluster-port`.
const portOptions = Object.keys(DEFAULT_PORTS).map((name) => ({
  name: /** @type {keyof ServicePorts} */ (name),
  option: `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-port`,
}))

/**
 * What stands behind `npm run services --`. Throws with a sentence about what is wrong.
 *
 * @param {readonly string[]} programArguments
 */
export function parseCommandLine(programArguments) {
  const { values, positionals } = parseArgs({
    args: [...programArguments],
    allowPositionals: true,
    options: {
      detach: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: SERVICE_NAMES.join(',') },
      'nats-servers': { type: 'string', default: '3' },
      ...Object.fromEntries(
        portOptions.map(({ option }) => [option, { type: /** @type {const} */ ('string') }]),
      ),
    },
  })
  const [word = 'start', ...rest] = positionals
  const command = COMMANDS.find((candidate) => candidate === word)
  if (command === undefined || rest.length > 0) {
    throw new Error(`${positionals.join(' ')} is none of ${COMMANDS.join(', ')}`)
  }
  return {
    command,
    isDetached: values.detach,
    isJson: values.json,
    only: parseNames(values.only),
    natsServers: parseServerCount(values['nats-servers']),
    ports: parsePorts(values),
  }
}

/** @param {string} list */
function parseNames(list) {
  return list.split(',').map((word) => {
    const name = SERVICE_NAMES.find((candidate) => candidate === word)
    if (name !== undefined) return name
    throw new Error(`--only: ${word} is none of ${SERVICE_NAMES.join(', ')}`)
  })
}

/**
 * @param {string} count
 * @returns {1 | 3}
 */
function parseServerCount(count) {
  if (count === '1') return 1
  if (count === '3') return 3
  throw new Error(`--nats-servers is 1 or 3, not ${count}`)
}

/**
 * @param {Readonly<Record<string, string | boolean | undefined>>} values
 * @returns {ServicePorts}
 */
function parsePorts(values) {
  /** @type {Partial<ServicePorts>} */
  const chosen = {}
  for (const { name, option } of portOptions) {
    const value = values[option]
    if (value === undefined) continue
    const port = Number(value)
    if (!Number.isInteger(port) || port < 1 || port > 65_533) {
      throw new Error(`--${option}: ${String(value)} is not a port`)
    }
    // One per NATS server, one after the other.
    const isList = Array.isArray(DEFAULT_PORTS[name])
    Object.assign(chosen, { [name]: isList ? [port, port + 1, port + 2] : port })
  }
  return { ...DEFAULT_PORTS, ...chosen }
}
