import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { requireTestServices } from '../../../scripts/services/test-services.mjs'
import type { Product } from './product.ts'

const PARTITIONS = 8

/** A deployment of its own: two gateways, two chat-cores and a media worker on real servers. */
export async function startDistributedProduct(
  context: TestContext,
  settings: Readonly<Record<string, string>>,
): Promise<Product | undefined> {
  const addresses = await requireTestServices(context)
  if (addresses === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'satchel-deployment-'))
  const deployment = await startDeployment({
    folder,
    addresses,
    deployment: `test_${randomBytes(6).toString('hex')}`,
    partitions: PARTITIONS,
    settings: { SATCHEL_LOG_LEVEL: 'warn', ...settings },
  })
  const [url = '', otherUrl = url] = deployment.gatewayUrls
  return {
    url,
    otherUrl,
    async restart(meanwhile) {
      await Promise.all(deployment.processes.map((process) => process.kill()))
      await meanwhile?.()
      await Promise.all(deployment.processes.map((process) => process.start()))
    },
    async stop() {
      await deployment.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
