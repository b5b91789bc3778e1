import { provisionDistributed } from './backends/index.ts'
import { createLog, createMetrics, describeFailure, readSettings } from './runtime/index.ts'

// npm run provision: makes what a deployment needs on its servers, as far as it is missing.
try {
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stderr)
  const metrics = createMetrics({ processMetrics: false })
  await provisionDistributed({ settings, log, metrics })
  process.stdout.write(`${settings.deployment} is provisioned\n`)
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`)
  process.exitCode = 1
}
