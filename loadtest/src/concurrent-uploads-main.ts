// npm run bench -- concurrent-uploads [--sessions 100000] [--rate 200] [--moving 1000] [--hold 60] [--idle 1800]: so many uploads
// open at once, on real servers, under the limits every user has.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDeployment } from '../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../scripts/services/start-services.mjs'
import { loadTable } from './load/load-table.ts'
import { countAttachments } from './uploads/count-attachments.ts'
import { runConcurrentUploads } from './uploads/run-concurrent-uploads.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '200' },
    moving: { type: 'string', default: '1000' },
    hold: { type: 'string', default: '60' },
    idle: { type: 'string', default: '1800' },
    json: { type: 'boolean', default: false },
  },
})
const DEPLOYMENT = 'satchel'
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const folder = await mkdtemp(join(tmpdir(), 'satchel-uploads-'))
const services = await startServices({
  folder: join(folder, 'services'),
  natsServers: 1,
  log: tell,
})
const cassandra = services.addresses.cassandra?.contactPoint ?? ''
try {
  const deployment = await startDeployment({
    folder: join(folder, 'satchel'),
    addresses: services.addresses,
    deployment: DEPLOYMENT,
    gateways: 2,
    chatCores: 1,
    settings: {
      SATCHEL_LOG_LEVEL: 'warn',
      SATCHEL_UPLOAD_IDLE_MS: String(Number(values.idle) * 1_000),
    },
  })
  try {
    const rows = await runConcurrentUploads({
      ports: deployment.gatewayUrls.map((url) => Number(new URL(url).port)),
      tokenSecret: deployment.secrets.tokenSecret,
      servers: () =>
        [...deployment.processes, ...services.servers].flatMap(({ name, pid }) =>
          pid === undefined ? [] : [{ name, pid }],
        ),
      countAttachments: () => countAttachments(cassandra, DEPLOYMENT),
      sessions: Number(values.sessions),
      perSecond: Number(values.rate),
      moving: Number(values.moving),
      holdSeconds: Number(values.hold),
      idleSeconds: Number(values.idle),
      tell,
    })
    process.stdout.write(loadTable(rows))
    if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
  } finally {
    await deployment.stop()
  }
} finally {
  await services.stop()
}
await rm(folder, { recursive: true, force: true })
