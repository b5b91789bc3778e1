// npm run bench -- channel [--followers 50000] [--gateways 3] [--rates 1,20] [--seconds 20]: a channel with very many
// followers, all of them connected, on several gateways and real servers; then the same on relays that do the least.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChannelFloor } from './channel/run-channel-floor.ts'
import { runChannel, type ChannelResult } from './channel/run-channel.ts'
import { openLoadTarget } from './load/load-target.ts'

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
const shared = {
  followers: Number(values.followers),
  messagesPerSecond: values.rates.split(',').map(Number),
  seconds: Number(values.seconds),
  tell,
}
const environment = process.env
const [node, gateways] = [process.execPath, Number(values.gateways)]
const target = await openLoadTarget({
  ...{ node, environment, gateways, tell, chatCores: 1, isDistributed: true },
  folder: join(folder, 'satchel'),
})
let result: ChannelResult
try {
  const servers = target.servers().filter(({ name }) => name.startsWith('gateway'))
  const gatewayPids = servers.map(({ pid }) => pid)
  result = await runChannel({ ...shared, ...target, gatewayPids })
} finally {
  await target.close()
}
const floor = await runChannelFloor({ ...shared, node, environment, folder, relays: gateways })
const load = loadavg().map((average) => average.toFixed(1))
process.stdout.write(`${JSON.stringify({ ...result, floor, load }, null, 2)}\n`)
await rm(folder, { recursive: true, force: true })
// Connections to servers that are gone must not keep the generator.
process.exit()
