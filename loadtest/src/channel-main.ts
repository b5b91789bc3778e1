// npm run bench -- channel [--followers 50000] [--gateways 3] [--rates 1,20] [--seconds 20]: a channel with very many
// followers, all of them connected, on several gateways and real servers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDeployment } from '../../scripts/deployment/start-deployment.mjs'
import { startServices } from '../../scripts/services/start-services.mjs'
import { runChannel } from './channel/run-channel.ts'

const { values } = parseArgs({
  options: {
    followers: { type: 'string', default: '50000' },
    gateways: { type: 'string', default: '3' },
    rates: { type: 'string', default: '1,20' },
    seconds: { type: 'string', default: '20' },
  },
})
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const folder = await mkdtemp(join(tmpdir(), 'satchel-channel-'))
const services = await startServices({
  folder: join(folder, 'services'),
  natsServers: 1,
  log: tell,
})
try {
  const deployment = await startDeployment({
    folder: join(folder, 'satchel'),
    addresses: services.addresses,
    gateways: Number(values.gateways),
    chatCores: 1,
    settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
  })
  const gateways = deployment.processes.filter(({ name }) => name.startsWith('gateway'))
  try {
    const result = await runChannel({
      ports: deployment.gatewayUrls.map((url) => Number(new URL(url).port)),
      gatewayPids: gateways.flatMap(({ pid }) => pid ?? []),
      tokenSecret: deployment.secrets.tokenSecret,
      followers: Number(values.followers),
      messagesPerSecond: values.rates.split(',').map(Number),
      seconds: Number(values.seconds),
      tell,
    })
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  } finally {
    await deployment.stop()
  }
} finally {
  await services.stop()
}
await rm(folder, { recursive: true, force: true })
