// npm run chaos [-- --minutes M] [--seed S] [--rate R] [--distributed] [--strikes kill-gateway,…] [--down-ms MS] [--json]: hurts
// the product under load, again and again, then checks every promise.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CHAOS_RHYTHMS } from './chaos/chaos-rhythms.ts'
import { openDistributedTarget } from './chaos/open-distributed-target.ts'
import { openEmbeddedTarget } from './chaos/open-embedded-target.ts'
import { runChaos } from './chaos/run-chaos.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    rate: { type: 'string' },
    distributed: { type: 'boolean', default: false },
    'nats-servers': { type: 'string', default: '3' },
    strikes: { type: 'string', default: '' },
    'down-ms': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const { distributed: isDistributed } = values
const downMs = values['down-ms'] === undefined ? undefined : Number(values['down-ms'])
const { rhythm: ownRhythm, commandsPerSecond } =
  CHAOS_RHYTHMS[isDistributed ? 'distributed' : 'embedded']
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const folder = await mkdtemp(join(tmpdir(), 'satchel-chaos-'))
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const strikes = values.strikes.split(',').filter((name) => name !== '')
tell(`seed ${seed}, journals in ${folder}`)
const target = isDistributed
  ? await openDistributedTarget({
      folder,
      natsServers: values['nats-servers'] === '1' ? 1 : 3,
      strikes,
      tell,
    })
  : await openEmbeddedTarget({
      node: process.execPath,
      environment: process.env,
      folder,
      strikes,
    })
try {
  const result = await runChaos({
    seed,
    durationMs: Number(values.minutes) * 60_000,
    rhythm:
      downMs === undefined ? ownRhythm : { ...ownRhythm, leastForMs: downMs, mostForMs: downMs },
    commandsPerSecond: Number(values.rate ?? commandsPerSecond),
    users: 30,
    groups: 20,
    target,
    folder,
    tell,
  })
  process.stdout.write(`${JSON.stringify({ seed, ...result }, null, values.json ? 0 : 2)}\n`)
  process.exitCode = result.report.passed ? 0 : 1
} finally {
  await target.close()
}
