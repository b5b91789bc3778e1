import { openDistributedBackend } from '@satchel/chat-core/backends'
import {
  createLog,
  createMetrics,
  describeFailure,
  letHeapGrow,
  readSettings,
} from '@satchel/chat-core/runtime'
import { openWorkerProcess } from './worker-process.ts'

// Bytes on their way through count as its heap: without this, each photo of 5 MB has it collected once or twice.
letHeapGrow()
try {
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stdout)
  const metrics = createMetrics({ processMetrics: true })
  const backend = await openDistributedBackend({ settings, log, metrics })
  const worker = await openWorkerProcess({
    ...{ backend, settings, log, metrics },
    nodePath: process.execPath,
  })
  process.stdout.write(`Satchel media-worker is ready: port ${String(worker.port)}\n`)
  const leave = (): void => {
    const leaving = worker.close().then(() => backend.close())
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
