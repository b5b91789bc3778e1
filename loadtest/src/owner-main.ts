// npm run bench -- owner [--json]: how long conversations stall when their owner is killed, and when it is asked to leave.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { budgetTable } from './bench/budgets/budget-table.ts'
import { ownerBudgets } from './bench/budgets/owner-budgets.ts'
import { measureOwnerKilled } from './bench/owner/measure-owner-killed.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const folder = await mkdtemp(join(tmpdir(), 'satchel-owner-'))
const result = await measureOwnerKilled({
  folder,
  tell: (line) => {
    process.stderr.write(`${line}\n`)
  },
})
process.stdout.write(budgetTable(ownerBudgets(result, '')))
const load = loadavg().map((average) => average.toFixed(1))
process.stdout.write(`load average at the end: ${load.join(', ')}\n`)
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
await rm(folder, { recursive: true, force: true })
// Connections to servers that are gone must not keep the generator.
process.exit()
