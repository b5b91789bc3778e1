import { DEFAULT_UPLOAD_SETTINGS } from '@satchel/chat-core'
import { openDistributedBackend, openEmbeddedBackend } from '@satchel/chat-core/backends'
import { createLog, createMetrics, describeFailure, readSettings } from '@satchel/chat-core/runtime'
import { parseReconcileCommand } from './reconcile/parse-reconcile-command.ts'
import { runReconcile } from './reconcile/run-reconcile.ts'

// npm run reconcile: whether catalogue and bucket agree. Embedded, the server must be stopped.
try {
  const command = parseReconcileCommand(process.argv.slice(2))
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stderr)
  const metrics = createMetrics({ processMetrics: false })
  const onListenerError = (error: unknown): void => log.error({ error }, 'a listener failed')
  const backend =
    settings.backend === 'embedded'
      ? await openEmbeddedBackend({
          dataDir: settings.dataDir,
          replica: settings.replica,
          pid: process.pid,
          onListenerError,
        })
      : await openDistributedBackend({ settings, log, metrics })
  try {
    const left = await runReconcile(
      {
        ...backend,
        settings: DEFAULT_UPLOAD_SETTINGS,
        orphanAgeMs: settings.orphanAgeMs,
        write: (line) => process.stdout.write(`${line}\n`),
      },
      command,
    )
    process.exitCode = left === 'nothing_left' ? 0 : 2
  } finally {
    await backend.close()
  }
} catch (error) {
  // It does not end by itself: a driver that has given up may leave a connection behind.
  process.stderr.write(`${describeFailure(error)}\n`, () => process.exit(1))
}
