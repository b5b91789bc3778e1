// npm run bench [-- --quick] [--only ROW] [--profile] [--json]: every row of the budgets, with its bar and its figure.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchTable } from './bench/bench-table.ts'
import { budgetTable } from './bench/budgets/budget-table.ts'
import { measureBudgets } from './bench/measure-budgets.ts'
import { peersTable } from './bench/peers-table.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'satchel-bench-'))
const result = await measureBudgets({
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
const { budgets, embedded, peers } = result
process.stdout.write(benchTable(embedded))
if (peers !== undefined) process.stdout.write(`\n${peersTable(peers)}`)
process.stdout.write(`\n${budgetTable(budgets)}`)
const load = loadavg().map((average) => average.toFixed(1))
process.stdout.write(`load average at the end: ${load.join(', ')}\n`)
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
if (values.profile) process.stderr.write(`profiles in ${folder}\n`)
else await rm(folder, { recursive: true, force: true })
// Connections to servers that are gone must not keep the generator.
process.exit()
