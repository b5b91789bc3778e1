// Real servers for tests. A whole run of `npm test` shares one set, which starts when the first test asks for it and
// ends with the run; a test of a file that is run alone has its own.

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfter } from '../close-after.mjs'
import { requireServices } from './require-services.mjs'
import { SERVICE_NAMES } from './service-names.mjs'
import { startServices } from './start-services.mjs'

/** @typedef {import('./start-services.mjs').ServiceAddresses} ServiceAddresses */
/** @typedef {{ readonly addresses: ServiceAddresses, readonly versions: Readonly<Record<string, string>> }} TestServices */

const VARIABLE = 'SATCHEL_TEST_SERVICES_URL'

/**
 * Addresses of servers that tests may use and must leave running: each isolates itself by a deployment name of its own.
 * `undefined` after the test was skipped for what the machine lacks.
 *
 * @param {{ skip(reason: string): void, after(work: () => Promise<void>): void }} context of a test or suite
 * @returns {Promise<ServiceAddresses | undefined>}
 */
export async function requireTestServices(context) {
  if (!(await requireServices(context, SERVICE_NAMES))) return undefined
  const url = process.env[VARIABLE]
  if (url === undefined) {
    const own = await openTestServices()
    closeAfter(context, () => own.stop())
    return own.services.addresses
  }
  return (await askForServices(url, 'POST'))?.addresses
}

/**
 * What of the shared servers has run so far, by name.
 *
 * @returns {Promise<TestServices['versions']>}
 */
export async function readTestServerVersions() {
  const url = process.env[VARIABLE]
  return (url === undefined ? undefined : await askForServices(url, 'GET'))?.versions ?? {}
}

/**
 * @param {string} url
 * @param {'GET' | 'POST'} method
 * @returns {Promise<TestServices | undefined>}
 */
async function askForServices(url, method) {
  const response = await fetch(url, { method })
  if (response.status === 204) return undefined
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  /** @type {unknown} */
  const services = JSON.parse(text)
  return /** @type {TestServices} */ (services)
}

/** Offers servers to the tests that this process runs: `environment` tells them where. */
export async function shareTestServices() {
  /** @type {ReturnType<typeof openTestServices> | undefined} */
  let opening
  const server = createServer((request, response) => {
    // Asked for with POST they are started; GET says what there is.
    if (request.method === 'POST') opening ??= openTestServices()
    if (opening === undefined) {
      response.writeHead(204).end()
      return
    }
    opening.then(
      ({ services }) => response.end(JSON.stringify(services)),
      (/** @type {unknown} */ error) =>
        response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  await /** @type {Promise<void>} */ (
    new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  )
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    environment: { [VARIABLE]: `http://127.0.0.1:${port}` },
    async stop() {
      server.closeAllConnections()
      server.close()
      await (await opening?.catch(() => undefined))?.stop()
    },
  }
}

async function openTestServices() {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-services-'))
  const log = (/** @type {string} */ line) => console.error(line)
  const services = await startServices({ folder, natsServers: 1, isNeverKilled: true, log })
  const versions = Object.fromEntries(
    services.servers.map(({ name, version = 'unknown' }) => [name, version]),
  )
  return {
    services: { addresses: services.addresses, versions },
    async stop() {
      await services.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
