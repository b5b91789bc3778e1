// npm run start:distributed [-- --gateways 2 --chat-cores 2 --media-workers 1]: Satchel as several processes, on the
// servers that `npm run services` runs.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeSecrets } from './deployment/deployment-settings.mjs'
import { startDeployment } from './deployment/start-deployment.mjs'
import { installMissing, repositoryRoot } from './installation.mjs'
import { readJson } from './read-json.mjs'
import { listStartedServers, readRunningServer, runFilePath } from './services/run-file.mjs'

/** Beside the services' own ports. */
const FIRST_PORTS = { gateway: 7_700, 'chat-core': 7_780, 'media-worker': 7_790 }
const PARTITIONS = 64
const servicesFolder = join(repositoryRoot, '.services')
const folder = join(repositoryRoot, '.services', 'satchel')

installMissing()
try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run() {
  const { values } = parseArgs({
    options: {
      gateways: { type: 'string', default: '2' },
      'chat-cores': { type: 'string', default: '2' },
      'media-workers': { type: 'string', default: '1' },
    },
  })
  const addressesFile = join(servicesFolder, 'addresses.json')
  const isRunning = (/** @type {string} */ name) =>
    readRunningServer(runFilePath(servicesFolder, name)) !== undefined
  if (!existsSync(addressesFile) || !listStartedServers(servicesFolder).some(isRunning))
    throw new Error('no services run: `npm run services` starts them')
  const deployment = await startDeployment({
    folder,
    addresses: /** @type {import('./services/start-services.mjs').ServiceAddresses} */ (
      readJson(addressesFile)
    ),
    secrets: readOrMakeSecrets(join(folder, 'secrets.json')),
    partitions: PARTITIONS,
    firstPorts: FIRST_PORTS,
    gateways: Number(values.gateways),
    chatCores: Number(values['chat-cores']),
    mediaWorkers: Number(values['media-workers']),
  })
  for (const { name, address, pid } of deployment.processes) {
    console.log(`${name.padEnd(16)} ${address.padEnd(24)} pid ${pid}`)
  }
  console.log(`Satchel is ready: open ${deployment.gatewayUrls.join(' or ')}; Ctrl-C stops it`)
  endWith(deployment)
}

/**
 * Data stay, and so do sessions, when it is started again.
 *
 * @param {string} file
 */
function readOrMakeSecrets(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(makeSecrets()), { mode: 0o600 })
  }
  return /** @type {import('./deployment/deployment-settings.mjs').DeploymentSecrets} */ (
    readJson(file)
  )
}

/**
 * Lives until it is told to end, then ends all processes.
 *
 * @param {import('./deployment/start-deployment.mjs').Deployment} deployment
 */
function endWith(deployment) {
  const alive = setInterval(() => undefined, 60_000)
  let isEnding = false
  const end = () => {
    // One Ctrl-C arrives twice: from the terminal, and passed on by npm.
    if (isEnding) return
    isEnding = true
    clearInterval(alive)
    deployment.stop().catch((/** @type {unknown} */ error) => {
      console.error(error)
      process.exitCode = 1
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
}
