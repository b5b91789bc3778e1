import { join } from 'node:path'
import { createTimers, waitAtMost } from '@satchel/chat-core/runtime'
import { emptyFolder } from './empty-folder.ts'
import { runJobs } from './run-jobs.ts'
import { findConfinement, type Confinement } from './sandbox/confinement.ts'
import {
  canPlay,
  findMediaPrograms,
  foldersOf,
  type MediaPrograms,
} from './sandbox/media-programs.ts'
import { requireConfinement } from './sandbox/require-confinement.ts'
import { DEFAULT_POOL_OPTIONS, LATE_POOL_OPTIONS, SandboxPool } from './sandbox/sandbox-pool.ts'
import { tryPrograms } from './sandbox/try-programs.ts'
import { noScanner, type Scanner } from './scanner.ts'
import { runUpkeep, type UpkeepRound } from './upkeep/run-upkeep.ts'
import type { WorkerDeps } from './worker-deps.ts'

const UPKEEP_INTERVAL_MS = 60_000
/** How long a closing worker waits for files it is looking at. */
const DRAIN_MS = 3_000

export interface MediaWorkerDeps extends Omit<
  WorkerDeps,
  'sandbox' | 'lateSandbox' | 'scanner' | 'canPlay'
> {
  /** The Node program that runs sandboxed children: `process.execPath`. */
  readonly nodePath: string
  /** Where ffmpeg is, with ffprobe beside it; looked for unless given. */
  readonly ffmpegPath?: string | undefined
  /** Whether it starts on a machine that does not confine children in all ways; `best-effort` unless given. */
  readonly sandboxPolicy?: 'required' | 'best-effort' | undefined
  /** `noScanner` unless given. */
  readonly scanner?: Scanner | undefined
  /** Between rounds of upkeep; a minute unless given. */
  readonly upkeepIntervalMs?: number | undefined
  /** Files judged at once; 2 unless given. */
  readonly concurrency?: number | undefined
}

export interface MediaWorker {
  /** Whether this machine has what video and audio are looked into with. */
  readonly canPlay: boolean
  /** Looks after everything that time changes; happens by itself again and again. */
  upkeep(): Promise<UpkeepRound>
  /** Takes nothing more, finishes what it has or puts it back, lets go of its children. */
  close(): Promise<void>
}

/** Takes jobs and keeps house, until it is closed. `temporaryFolder` is emptied. */
export async function startMediaWorker(deps: MediaWorkerDeps): Promise<MediaWorker> {
  await emptyFolder(deps.temporaryFolder)
  const { nodePath, concurrency = DEFAULT_POOL_OPTIONS.size } = deps
  const folder = join(deps.temporaryFolder, 'children')
  const { confinement, programs } = await findSandbox(deps, folder)
  const ofBoth = { nodePath, confinement, folder, programs }
  const sandbox = new SandboxPool({ ...DEFAULT_POOL_OPTIONS, ...ofBoth, size: concurrency })
  const lateSandbox = new SandboxPool({ ...LATE_POOL_OPTIONS, ...ofBoth })
  const workerDeps: WorkerDeps = {
    ...deps,
    sandbox,
    lateSandbox,
    canPlay: canPlay(programs),
    scanner: deps.scanner ?? noScanner,
  }
  const jobs = runJobs(workerDeps, concurrency)
  const stopUpkeep = startUpkeep(workerDeps, deps.upkeepIntervalMs ?? UPKEEP_INTERVAL_MS)
  return {
    canPlay: canPlay(programs),
    upkeep: () => runUpkeep(workerDeps),
    async close() {
      const drained = Promise.all([jobs.drain(), stopUpkeep()])
      await waitAtMost(createTimers(), DRAIN_MS, drained)
      // What is still at work is broken off here and done by whoever starts next.
      await Promise.all([sandbox.close(), lateSandbox.close()])
      await drained
    },
  }
}

/** What this machine has of what children need, and what of it they can use. */
async function findSandbox(
  { nodePath, ffmpegPath, sandboxPolicy, telemetry }: MediaWorkerDeps,
  folder: string,
): Promise<{ readonly confinement: Confinement; readonly programs: MediaPrograms }> {
  const programs = await findMediaPrograms(ffmpegPath)
  if (!canPlay(programs)) telemetry.ffmpegMissing()
  const confinement = await findConfinement({ nodePath, folder, readable: foldersOf(programs) })
  if (sandboxPolicy === 'required') requireConfinement(confinement)
  if (confinement.missing.length > 0) telemetry.confinementMissing(confinement.missing)
  const failure = await tryPrograms(programs, confinement, folder)
  if (failure === undefined) return { confinement, programs }
  telemetry.ffmpegUnusable(failure)
  return { confinement, programs: {} }
}

function startUpkeep(deps: WorkerDeps, intervalMs: number): () => Promise<void> {
  let round: Promise<void> | undefined
  const timer = setInterval(() => {
    round ??= runUpkeep(deps)
      .then(
        () => undefined,
        (error: unknown) => deps.telemetry.upkeepFailed(error),
      )
      .finally(() => (round = undefined))
  }, intervalMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await round
  }
}
