import { openDistributedBackend } from '@satchel/chat-core/backends'
import {
  createLog,
  createMetrics,
  describeFailure,
  letHeapGrow,
  readSettings,
} from '@satchel/chat-core/runtime'
import { openGatewayProcess } from './gateway-process.ts'
import { greeting } from './greeting.ts'
import { openSingleProcess } from './single-process.ts'
import { bundleWebClient } from './web-client/bundle-web-client.ts'

letHeapGrow()
try {
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stdout)
  const metrics = createMetrics({ processMetrics: true })
  const shared = { settings, log, metrics, webClient: bundleWebClient() }
  const server =
    settings.backend === 'embedded'
      ? await openSingleProcess({ ...shared, pid: process.pid, nodePath: process.execPath })
      : await openGatewayProcess({ ...shared, openBackend: () => openDistributedBackend(shared) })
  process.stdout.write(greeting(server))
  let isLeaving = false
  const leave = (): void => {
    // Asked twice, it goes at once.
    const leaving = isLeaving ? server.close() : server.drain()
    isLeaving = true
    leaving.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'could not leave in order')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
} catch (error) {
  // It does not end by itself: a driver that has given up may leave a connection behind.
  process.stderr.write(`${describeFailure(error)}\n`, () => process.exit(1))
}
