// npm run bench -- media [--quick] [--only photos,uploads] [--mixed-jobs 2000] [--json]: what uploads of every kind cost and how long they take, on real servers.

import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureMedia } from './media/measure-media.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'mixed-jobs': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'satchel-media-'))
const rows = await measureMedia({
  folder,
  quick: values.quick,
  only: values.only.split(',').filter((name) => name !== ''),
  mixedJobs: Number(values['mixed-jobs'] ?? (values.quick ? 100 : 2_000)),
  tell: (line) => {
    process.stderr.write(`${line}\n`)
  },
})
for (const { what, bar, figure } of rows) {
  process.stdout.write(`${what}\n  bar     ${bar}\n  figure  ${figure}\n`)
}
const load = loadavg().map((average) => average.toFixed(1))
process.stdout.write(`load average at the end: ${load.join(', ')}\n`)
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
await rm(folder, { recursive: true, force: true })
