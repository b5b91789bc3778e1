import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openDistributedBackend } from '@satchel/chat-core/backends'
import { CloseStack, createLog, createMetrics, readSettings } from '@satchel/chat-core/runtime'
import { closeAfter } from '../../scripts/close-after.mjs'
import { startDeployment } from '../../scripts/deployment/start-deployment.mjs'
import { dropKeyspace } from '../../scripts/services/cql-request.mjs'
import { requireTestServices } from '../../scripts/services/test-services.mjs'
import { openGateway } from '../src/gateway.ts'
import { TestGateway } from './test-cluster.ts'
import { Weather, withLosses } from './weather.ts'

const PARTITIONS = 8

/**
 * Two chat-cores as processes and two gateways in this one, each with what it loses, on real servers; gone with the test.
 * `undefined` after it was skipped for what the machine lacks.
 */
export async function openDistributedCluster(context: TestContext) {
  const addresses = await requireTestServices(context)
  if (addresses === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'satchel-cluster-'))
  const deployment = `test_${randomBytes(6).toString('hex')}`
  const closing = new CloseStack()
  closeAfter(context, () => closing.close())
  closing.add('folder', () => rm(folder, { recursive: true, force: true }))
  closing.add('keyspace', () => dropKeyspace(addresses.cassandra?.contactPoint, deployment))
  const running = await startDeployment({
    folder,
    addresses,
    deployment,
    partitions: PARTITIONS,
    gateways: 0,
    mediaWorkers: 0,
    settings: { SATCHEL_LOG_LEVEL: 'warn', SATCHEL_LIMITS: 'off' },
  })
  closing.add('chat-cores', () => running.stop())
  const own = { SATCHEL_PORT: '0', SATCHEL_DATA_DIR: folder, SATCHEL_DRAIN_MS: '50' }
  const settings = readSettings({ ...running.settings, ...own })
  const log = createLog({ logLevel: 'silent' }, { write: () => undefined })
  const open = async () => {
    const metrics = createMetrics({ processMetrics: false })
    const weather = new Weather()
    const backend = await openDistributedBackend({ settings, log, metrics })
    closing.add('backend', () => backend.close())
    const gateway = await openGateway({
      backend: withLosses(backend, weather),
      settings,
      log,
      metrics,
      webClient: Promise.resolve(new Map()),
    })
    const opened = new TestGateway({ gateway, weather, metrics, settings })
    closing.add('gateway', () => opened.close())
    return { opened, heads: backend.heads }
  }
  const { opened: one, heads } = await open()
  const { opened: other } = await open()
  return { one, other, heads }
}
