// npm run bench [-- --quick] [--only ROW] [--profile] [--json]: the figures of one process, beside its peers'.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchTable } from './bench/bench-table.ts'
import { runBench } from './bench/run-bench.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'satchel-bench-'))
const result = await runBench({
  quick: values.quick,
  only: values.only,
  profile: values.profile,
  node: process.execPath,
  environment: process.env,
  folder,
  tell: (line) => {
    process.stderr.write(`${line}\n`)
  },
})
process.stdout.write(benchTable(result))
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
if (values.profile) process.stderr.write(`profiles in ${folder}\n`)
else await rm(folder, { recursive: true })
// Connections to servers that are gone must not keep the generator.
process.exit()
