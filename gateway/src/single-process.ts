import { join } from 'node:path'
import { createOwnerTelemetry, deriveSecret, startOwner } from '@satchel/chat-core'
import { openEmbeddedBackend } from '@satchel/chat-core/backends'
import { CloseStack, type Log, type Metrics, type Settings } from '@satchel/chat-core/runtime'
import {
  createScanner,
  createTiering,
  createWorkerTelemetry,
  startMediaWorker,
  warnWithoutScanner,
  type MediaWorker,
} from '@satchel/media-worker'
import { openGateway, type GatewayDeps, type RunningGateway } from './gateway.ts'
import { withEmbeddedSecrets } from './tokens/embedded-secrets.ts'

export interface SingleProcessDeps extends Pick<
  GatewayDeps,
  'webClient' | 'times' | 'outboundSteps'
> {
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Metrics
  /** Number of this process, for the lock on its data folder. */
  readonly pid: number
  /** How large the store may grow; without it, as large as the disk allows. */
  readonly limitBytes?: (() => number) | undefined
  /** The Node program, for the children that look into uploads. */
  readonly nodePath: string
}

export interface SingleProcess {
  readonly port: number
  /** With the secrets that were made for it. */
  readonly settings: Settings
  readonly gateway: RunningGateway
  readonly worker: Pick<MediaWorker, 'canPlay'>
  /** Lets clients go in order, then finishes everything that was begun. */
  drain(): Promise<void>
  /** Ends at once what can be ended at once; nothing acknowledged is lost. */
  close(): Promise<void>
}

/** Gateway, owner and media worker in one process, over the embedded backend. */
export async function openSingleProcess(deps: SingleProcessDeps): Promise<SingleProcess> {
  const { log, metrics, pid } = deps
  const closing = new CloseStack()
  try {
    const settings = withEmbeddedSecrets(deps.settings)
    const backend = await openEmbeddedBackend({
      dataDir: settings.dataDir,
      pid,
      limitBytes: deps.limitBytes,
      publicUrl: settings.publicUrl,
      replica: settings.replica,
      uploadSecret: deriveSecret(settings.linkSecret ?? '', 'upload addresses'),
      onListenerError: (error) => log.error({ error }, 'a listener of the bus failed'),
    })
    closing.add('backend', () => backend.close())
    const owner = startOwner({
      ...backend,
      settings,
      telemetry: createOwnerTelemetry(log, metrics),
    })
    closing.add('owner', () => owner.close())
    const gateway = await openGateway({ ...deps, settings, backend })
    closing.add('gateway', () => gateway.close())
    const workerTelemetry = createWorkerTelemetry(log, metrics)
    const scanner = createScanner(settings)
    closing.add('trial of the scanner', warnWithoutScanner(scanner, log))
    const worker = await startMediaWorker({
      ...gateway.media.uploads,
      blobs: backend.blobs,
      erasures: backend.erasures,
      forbidden: backend.forbidden,
      catalogueWalk: backend.catalogueWalk,
      replica: backend.replica,
      scanner,
      ffmpegPath: settings.ffmpeg,
      sandboxPolicy: settings.sandbox === 'required' ? 'required' : 'best-effort',
      temporaryFolder: join(settings.dataDir, 'work'),
      tiering: createTiering(backend, settings, workerTelemetry),
      telemetry: workerTelemetry,
      upkeepIntervalMs: settings.upkeepIntervalMs,
      nodePath: deps.nodePath,
    })
    closing.add('media worker', () => worker.close())
    return {
      port: gateway.port,
      settings,
      gateway,
      worker,
      async drain() {
        await gateway.drain()
        await closing.close()
      },
      close: () => closing.close(),
    }
  } catch (error) {
    await closing.close()
    throw error
  }
}
