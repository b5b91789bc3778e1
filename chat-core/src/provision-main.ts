import { parseArgs } from 'node:util'
import { provisionDistributed, startNewGeneration } from './backends/index.ts'
import { createLog, createMetrics, describeFailure, readSettings } from './runtime/index.ts'

// npm run provision: makes what a deployment needs on its servers, as far as it is missing; with
// `-- --new-generation`, begins its command log anew.
try {
  const { values } = parseArgs({ options: { 'new-generation': { type: 'boolean' } } })
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stderr)
  const metrics = createMetrics({ processMetrics: false })
  if (values['new-generation'] === true) {
    const generation = await startNewGeneration({ settings, log, metrics })
    process.stdout.write(`the command log is new, of generation ${String(generation)}\n`)
  } else await provisionDistributed({ settings, log, metrics })
  process.stdout.write(`${settings.deployment} is provisioned\n`)
} catch (error) {
  // It does not end by itself: a driver that has given up may leave a connection behind.
  process.stderr.write(`${describeFailure(error)}\n`, () => process.exit(1))
}
