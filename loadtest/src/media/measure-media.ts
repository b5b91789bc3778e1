import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startDeployment } from '../../../scripts/deployment/start-deployment.mjs'
import { findProgram } from '../../../scripts/programs.mjs'
import { startServices } from '../../../scripts/services/start-services.mjs'
import { makeMediaFiles } from './make-media-files.ts'
import { runMediaBench, type MediaBenchOptions, type MediaRow } from './run-media-bench.ts'

export interface MeasureMediaOptions extends Pick<
  MediaBenchOptions,
  'quick' | 'only' | 'mixedJobs' | 'tell'
> {
  /** For data and the files that are sent. */
  readonly folder: string
}

/** The budgets of media on real servers with one process of each role, started for it. Throws where there is no ffmpeg. */
export async function measureMedia(options: MeasureMediaOptions): Promise<readonly MediaRow[]> {
  const { folder, quick, only, mixedJobs, tell } = options
  const ffmpeg = findProgram('ffmpeg')
  if (ffmpeg === undefined) throw new Error('ffmpeg is not installed: it makes the files to send')
  const mediaFolder = join(folder, 'files')
  await mkdir(mediaFolder, { recursive: true })
  const files = await makeMediaFiles(ffmpeg, mediaFolder)
  const services = await startServices({
    folder: join(folder, 'services'),
    natsServers: 1,
    log: tell,
  })
  try {
    const deployment = await startDeployment({
      folder: join(folder, 'satchel'),
      addresses: services.addresses,
      gateways: 1,
      chatCores: 1,
      settings: { SATCHEL_LIMITS: 'off', SATCHEL_LOG_LEVEL: 'warn' },
    })
    try {
      return await runMediaBench({
        gatewayUrl: deployment.gatewayUrls[0] ?? '',
        gatewayPid: deployment.process('gateway-1').pid ?? 0,
        workerPid: deployment.process('media-worker-1').pid ?? 0,
        tokenSecret: deployment.secrets.tokenSecret,
        ...{ files, quick, only, mixedJobs, tell },
      })
    } finally {
      await deployment.stop()
    }
  } finally {
    await services.stop()
  }
}
