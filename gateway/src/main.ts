import { createLog, createMetrics, readSettings, SettingsError } from '@satchel/chat-core/runtime'
import { greeting } from './greeting.ts'
import { openSingleProcess } from './single-process.ts'
import { bundleWebClient } from './web-client/bundle-web-client.ts'

try {
  const settings = readSettings(process.env)
  const log = createLog(settings, process.stdout)
  const server = await openSingleProcess({
    settings,
    log,
    metrics: createMetrics({ processMetrics: true }),
    pid: process.pid,
    nodePath: process.execPath,
    webClient: bundleWebClient(),
  })
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
  const isExpected = error instanceof SettingsError
  process.stderr.write(`${isExpected ? error.message : String(error)}\n`)
  process.exitCode = 1
}
