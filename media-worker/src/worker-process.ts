import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'
import {
  createSubmitter,
  createUploadAnswers,
  createUploadDeps,
  requireTarget,
  type ExpireDeps,
  type UploadDeps,
} from '@satchel/chat-core'
import type { Backend } from '@satchel/chat-core/backends'
import { CloseStack, Reach, createTimers, openHealthServer } from '@satchel/chat-core/runtime'
import type { Log, Metrics, Settings, Timers } from '@satchel/chat-core/runtime'
import { createScanner, warnWithoutScanner } from './create-scanner.ts'
import { createTiering } from './create-tiering.ts'
import { startMediaWorker } from './start-media-worker.ts'
import { createWorkerTelemetry, type WorkerTelemetry } from './worker-telemetry.ts'

export interface WorkerProcessDeps {
  readonly backend: Backend
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
  /** The Node program, for the children that look into uploads. */
  readonly nodePath: string
  /** The system's unless given. */
  readonly timers?: Timers | undefined
}

export interface WorkerProcess {
  /** Of `/live`, `/ready` and `/metrics`. */
  readonly port: number
  /** Takes nothing more, finishes what it has or puts it back. */
  close(): Promise<void>
}

/** A media worker as a process of its own. What it finds out it reports by commands, like any gateway. */
export async function openWorkerProcess(deps: WorkerProcessDeps): Promise<WorkerProcess> {
  const { backend, settings, log, metrics, timers = createTimers() } = deps
  const closing = new CloseStack()
  const reach = new Reach({ timers, ask: () => askServers(backend) })
  try {
    const workerId = `worker-${randomBytes(6).toString('hex')}`
    const submitter = createSubmitter(backend, workerId)
    closing.add('submitter', () => submitter.close())
    closing.add(
      'bus',
      backend.bus.listen(workerId, (message) => {
        if (message.type === 'answer') submitter.take(message)
      }),
    )
    const uploads = createUploadDeps(backend, {
      settings,
      requireTarget,
      report: (result) => submitter.report(result),
    })
    let hasStarted = false
    const isReady = (): boolean => hasStarted && reach.isThere
    const { host, port } = settings
    const health = await openHealthServer({ host, port, metrics, isReady })
    closing.add('health', () => health.close())
    const telemetry = createWorkerTelemetry(log, metrics)
    if (settings.scanner === 'none') telemetry.unscanned()
    const scanner = createScanner(settings)
    closing.add('trial of the scanner', warnWithoutScanner(scanner, log))
    const worker = await startMediaWorker({
      ...uploads,
      blobs: backend.blobs,
      erasures: backend.erasures,
      forbidden: backend.forbidden,
      catalogueWalk: backend.catalogueWalk,
      replica: backend.replica,
      tiering: createTiering(backend, settings, telemetry),
      scanner,
      ffmpegPath: settings.ffmpeg,
      sandboxPolicy: settings.sandbox === 'best-effort' ? 'best-effort' : 'required',
      // Nobody else has this port. Whoever has it next finds what was left here by a worker that died, and empties it.
      temporaryFolder: join(settings.dataDir, 'work', String(health.port)),
      telemetry,
      upkeepIntervalMs: settings.upkeepIntervalMs,
      nodePath: deps.nodePath,
    })
    closing.add('media worker', () => worker.close())
    closing.add('upload requests', serveUploadRequests(backend, uploads, telemetry))
    // First of all: for as long as it finishes what it has, it takes nothing more.
    closing.add('reach', () => reach.close())
    hasStarted = true
    return { port: health.port, close: () => closing.close() }
  } catch (error) {
    reach.close()
    await closing.close()
    throw error
  }
}

/** For gateways, which have sockets to serve, until the function it returns is called. */
function serveUploadRequests(
  { cluster }: Pick<Backend, 'cluster'>,
  uploads: UploadDeps & ExpireDeps,
  telemetry: WorkerTelemetry,
): () => Promise<void> {
  const answer = createUploadAnswers(uploads)
  const stop = cluster?.uploadRequests.serve(async (userId, request) => {
    try {
      return await answer(userId, request)
    } catch (error) {
      if (!(error instanceof ChatError) || error.code === 'internal')
        telemetry.uploadFault(request.type, error)
      throw error
    }
  })
  return async () => stop?.()
}

/** What no content has: reading it costs next to nothing. */
const NO_HASH = 'none'

/** Rejects while the bus, and jobs with it, or the database is out of reach. */
async function askServers({ bus, forbidden }: Pick<Backend, 'bus' | 'forbidden'>): Promise<void> {
  if (!bus.connected) throw new ChatError('unavailable', 'the bus is out of reach')
  await forbidden.read(NO_HASH)
}
