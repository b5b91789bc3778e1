// npm run chaos [-- --minutes M] [--seed S] [--rate R] [--json]: kills the server under load, again and again.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos/run-chaos.ts'
import { createSatchelServer, SERVER_KEY, TOKEN_SECRET } from './chaos/satchel-server.ts'
import { freePort } from './free-port.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    rate: { type: 'string', default: '700' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const folder = await mkdtemp(join(tmpdir(), 'satchel-chaos-'))
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
tell(`seed ${seed}, journals in ${folder}`)
const port = await freePort()
const server = await createSatchelServer({
  node: process.execPath,
  environment: process.env,
  port,
  folder,
})
try {
  await server.start()
  const result = await runChaos({
    seed,
    durationMs: Number(values.minutes) * 60_000,
    rhythm: { leastMs: 3_000, mostMs: 12_000 },
    commandsPerSecond: Number(values.rate),
    users: 30,
    groups: 20,
    server,
    port,
    tokenSecret: TOKEN_SECRET,
    serverKey: SERVER_KEY,
    folder,
    tell,
  })
  process.stdout.write(`${JSON.stringify({ seed, ...result }, null, values.json ? 0 : 2)}\n`)
  process.exitCode = result.report.passed ? 0 : 1
} finally {
  await server.kill('SIGTERM')
}
