import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { requestS3 } from '../../../scripts/services/s3-request.mjs'
import { dropKeyspace } from '../../../scripts/services/cql-request.mjs'
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
  const name = `test_${randomBytes(6).toString('hex')}`
  const deployment = await startDeployment({
    folder,
    addresses,
    deployment: name,
    partitions: PARTITIONS,
    settings: { SATCHEL_LOG_LEVEL: 'warn', ...settings },
  })
  const [url = '', otherUrl = url] = deployment.gatewayUrls
  return {
    url,
    otherUrl,
    chatProcesses: deployment.processes.filter(({ name }) => !name.startsWith('media-worker')),
    environment: deployment.settings,
    async hasObject(key) {
      const { s3, edge } = addresses
      if (s3 === undefined || edge === undefined) throw new Error('there is no store')
      return (await requestS3(s3, 'HEAD', `/${edge.bucket}/${key}`)).ok
    },
    async restart(meanwhile) {
      await Promise.all(deployment.processes.map((process) => process.kill()))
      await meanwhile?.()
      await Promise.all(deployment.processes.map((process) => process.start()))
    },
    async stop() {
      await deployment.stop()
      await dropKeyspace(addresses.cassandra?.contactPoint, name)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
