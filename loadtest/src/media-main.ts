// npm run bench -- media [--quick] [--mixed-jobs 2000] [--json]: what uploads of every kind cost and how long they take, on real servers.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDeployment } from '../../scripts/deployment/start-deployment.mjs'
import { findProgram } from '../../scripts/programs.mjs'
import { startServices } from '../../scripts/services/start-services.mjs'
import { makeMediaFiles } from './media/make-media-files.ts'
import { runMediaBench } from './media/run-media-bench.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'mixed-jobs': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`)
}
const ffmpeg = findProgram('ffmpeg')
if (ffmpeg === undefined) throw new Error('ffmpeg is not installed: it makes the files to send')
const folder = await mkdtemp(join(tmpdir(), 'satchel-media-'))
const mediaFolder = join(folder, 'files')
await mkdir(mediaFolder)
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
    const rows = await runMediaBench({
      gatewayUrl: deployment.gatewayUrls[0] ?? '',
      gatewayPid: deployment.process('gateway-1').pid ?? 0,
      workerPid: deployment.process('media-worker-1').pid ?? 0,
      tokenSecret: deployment.secrets.tokenSecret,
      files,
      quick: values.quick,
      mixedJobs: Number(values['mixed-jobs'] ?? (values.quick ? 100 : 2_000)),
      tell,
    })
    for (const { what, bar, figure } of rows) {
      process.stdout.write(`${what}\n  bar     ${bar}\n  figure  ${figure}\n`)
    }
    const load = loadavg().map((average) => average.toFixed(1))
    process.stdout.write(`load average at the end: ${load.join(', ')}\n`)
    if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
  } finally {
    await deployment.stop()
  }
} finally {
  await services.stop()
}
await rm(folder, { recursive: true, force: true })
