// npm run bench -- SCENARIO [--minutes M] [--sockets N] [--rate R] [--processes P] [--distributed] [--gateways G] [--json]:
// one kind of load, from several processes of the generator.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadTable } from './load/load-table.ts'
import { openLoadTarget } from './load/load-target.ts'
import { SCENARIOS } from './load/scenarios.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    sockets: { type: 'string' },
    rate: { type: 'string' },
    processes: { type: 'string' },
    distributed: { type: 'boolean', default: false },
    gateways: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const [name = ''] = positionals
const scenario = SCENARIOS[name]
if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
const { what, defaults } = scenario
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
tell(`${name}: ${what}`)
const folder = await mkdtemp(join(tmpdir(), `satchel-${name}-`))
const target = await openLoadTarget({
  node: process.execPath,
  environment: process.env,
  folder,
  isDistributed: values.distributed,
  gateways: Number(values.gateways),
  chatCores: 1,
  tell,
})
try {
  const rows = await scenario.run({
    target,
    users: Number(values.sockets ?? defaults.users),
    processes: Number(values.processes ?? defaults.processes),
    perSecond: Number(values.rate ?? defaults.perSecond),
    seconds: values.minutes === undefined ? defaults.seconds : Number(values.minutes) * 60,
    isShort: false,
    tell,
  })
  process.stdout.write(loadTable(rows))
  if (values.json) process.stdout.write(`${JSON.stringify({ scenario: name, rows })}\n`)
} finally {
  await target.close()
}
await rm(folder, { recursive: true, force: true })
