import { relative } from 'node:path'
import { repositoryRoot } from './installation.mjs'
import { findImportCycles } from './lint/import-cycles.mjs'
import { findSourceFiles } from './source-files.mjs'

const cycles = findImportCycles(findSourceFiles(repositoryRoot))
for (const cycle of cycles) {
  const steps = [...cycle, ...cycle.slice(0, 1)].map((file) => relative(repositoryRoot, file))
  console.error(`These files import each other in a circle:\n  ${steps.join('\n  → ')}`)
}
if (cycles.length > 0) process.exitCode = 1
