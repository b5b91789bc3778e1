// npm run bench -- peers [--quick] [--rate 1000] [--centrifugo PATH] [--json]: the same load on Satchel and what else one could
// take, in turn. Centrifugo is there when its program is: given, at SATCHEL_CENTRIFUGO, or on the search path.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareWithPeers } from './bench/compare-with-peers.ts'
import { peersTable } from './bench/peers-table.ts'
import { findOptionalProgram } from './find-optional-program.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rate: { type: 'string', default: '1000' },
    centrifugo: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'satchel-peers-'))
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const centrifugo = findOptionalProgram(
  'centrifugo',
  values.centrifugo ?? process.env['SATCHEL_CENTRIFUGO'],
  process.env['PATH'],
)
if (centrifugo === undefined) tell('without Centrifugo, which is not on this machine')
const rows = await compareWithPeers({
  node: process.execPath,
  environment: process.env,
  folder,
  profile: false,
  quick: values.quick,
  messagesPerSecond: Number(values.rate),
  centrifugo,
  tell,
})
process.stdout.write(peersTable(rows))
const load = loadavg().map((average) => average.toFixed(1))
process.stdout.write(`load average at the end: ${load.join(', ')}\n`)
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
await rm(folder, { recursive: true })
// Connections to servers that are gone must not keep the generator.
process.exit()
