import { openDistributedBackend } from './backends/index.ts'
import { openChatCoreProcess } from './chat-core-process.ts'
import {
  createLog,
  createMetrics,
  describeFailure,
  letHeapGrow,
  readSettings,
} from './runtime/index.ts'

letHeapGrow()
try {
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stdout)
  const metrics = createMetrics({ processMetrics: true })
  const backend = await openDistributedBackend({ settings, log, metrics })
  const chatCore = await openChatCoreProcess({ backend, settings, log, metrics })
  process.stdout.write(`Satchel chat-core is ready: port ${String(chatCore.port)}\n`)
  const leave = (): void => {
    const leaving = chatCore.close().then(() => backend.close())
    leaving.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'could not leave in order')
        process.exit(1)
      },
    )
  }
  process.once('SIGTERM', leave)
  process.once('SIGINT', leave)
} catch (error) {
  // It does not end by itself: a driver that has given up may leave a connection behind.
  process.stderr.write(`${describeFailure(error)}\n`, () => process.exit(1))
}
