import { installMissing } from './installation.mjs'
import { runProgramOnNode22 } from './run-on-node-22.mjs'

installMissing()
await runProgramOnNode22('gateway/src/main.ts', process.argv.slice(2))
