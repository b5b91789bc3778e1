import { readProcessTree, type ProcessReading } from '../bench/process-meter.ts'
import { delay } from '../chaos/deadlines.ts'
import {
  CROWD,
  measureBeginAndComplete,
  PER_SECOND,
  type UploadCost,
} from './begin-and-complete.ts'
import type { MediaFile, MediaFiles } from './make-media-files.ts'
import { measureMintLinks } from './mint-links.ts'
import { MediaSender } from './media-sender.ts'

export interface MediaBenchOptions {
  readonly gatewayUrl: string
  readonly gatewayPid: number
  readonly workerPid: number
  readonly tokenSecret: string
  readonly files: MediaFiles
  /** Fewer of everything. */
  readonly quick: boolean
  /** `photos`, `video`, `voice`, `uploads`, `links`, `memory`; all when empty. */
  readonly only: readonly string[]
  /** Files of all kinds for the row of memory. */
  readonly mixedJobs: number
  readonly tell: (line: string) => void
}

export interface MediaRow {
  readonly what: string
  readonly bar: string
  readonly figure: string
  /** Absent where there is no bar. */
  readonly isMet?: boolean
  /** Why not, where that is known. */
  readonly reason?: string
}

const PHOTO_BAR = { readyMs: 3_000, cpuSeconds: 0.5 }
const VIDEO_BAR = { text: 'playable < 10 s', readyMs: 10_000 }
const VOICE_BAR = { text: 'ready < 1 s', readyMs: 1_000 }
const BEGIN_AND_COMPLETE_CPU_MS = 0.5
const VIDEO_JOBS = 3
const MIXED_AT_ONCE = 3
/** The worker's memory is looked at this often while it works. */
const MEMORY_LOOKS = 20

/** The budgets of media, measured from outside: one gateway, one chat-core, one media worker, real servers. */
export async function runMediaBench(options: MediaBenchOptions): Promise<readonly MediaRow[]> {
  const { gatewayUrl, tokenSecret, files, quick, only } = options
  const sender = await MediaSender.open({ gatewayUrl, tokenSecret, userId: 'sender' })
  try {
    // Children started, code compiled.
    for (const file of [files.picture, files.voice, files.photo]) await sender.send(file)
    const measures: Readonly<Record<string, () => Promise<MediaRow>>> = {
      photos: () => photosAtRate(options, sender, quick ? 15 : 60),
      video: () => oneByOne(options, sender, files.video, VIDEO_JOBS, VIDEO_BAR),
      voice: () => oneByOne(options, sender, files.voice, quick ? 10 : 30, VOICE_BAR),
      uploads: () => beginAndComplete(options),
      links: () => mintLinks(options),
      memory: () => memoryOverMixedJobs(options, sender),
    }
    const rows: MediaRow[] = []
    for (const [name, measure] of Object.entries(measures)) {
      if (only.length === 0 || only.includes(name)) rows.push(await measure())
    }
    return rows
  } finally {
    sender.close()
  }
}

/** One a second, whether or not earlier ones are done. */
async function photosAtRate(
  { workerPid, files }: MediaBenchOptions,
  sender: MediaSender,
  count: number,
): Promise<MediaRow> {
  const before = readProcessTree(workerPid)
  const startMs = performance.now()
  const took: Promise<number>[] = []
  for (let sent = 0; sent < count; sent++) {
    await delay(Math.max(0, startMs + sent * 1_000 - performance.now()))
    took.push(sender.send(files.photo).then(({ tookMs }) => tookMs))
  }
  const latencies = await Promise.all(took)
  const cpuSeconds = cpuSince(before, workerPid) / 1_000 / count
  return {
    what: `12 MP JPEG, one a second, ${count} of ${megabytes(files.photo)} MB`,
    bar: 'ready p99 < 3 s, ≤ 0.5 s of CPU',
    figure: `p50 ${at(latencies, 0.5)} ms, p99 ${at(latencies, 0.99)} ms, ${cpuSeconds.toFixed(2)} s of CPU`,
    isMet: at(latencies, 0.99) < PHOTO_BAR.readyMs && cpuSeconds <= PHOTO_BAR.cpuSeconds,
  }
}

async function oneByOne(
  { workerPid }: MediaBenchOptions,
  sender: MediaSender,
  file: MediaFile,
  count: number,
  { text: bar, readyMs }: typeof VIDEO_BAR,
): Promise<MediaRow> {
  const before = readProcessTree(workerPid)
  const latencies: number[] = []
  for (let sent = 0; sent < count; sent++) latencies.push((await sender.send(file)).tookMs)
  const cpuSeconds = cpuSince(before, workerPid) / 1_000 / count
  return {
    what: `${file.name} of ${megabytes(file)} MB, ${count} one after the other`,
    bar,
    figure: `p50 ${at(latencies, 0.5)} ms, longest ${at(latencies, 1)} ms, ${cpuSeconds.toFixed(2)} s of CPU`,
    isMet: at(latencies, 1) < readyMs,
  }
}

async function beginAndComplete(options: MediaBenchOptions): Promise<MediaRow> {
  const uploads = options.quick ? 200 : 1_000
  const { closed, open, crowded, allAtOnce, bytesThroughGateway } = await measureBeginAndComplete({
    port: Number(new URL(options.gatewayUrl).port),
    gatewayPid: options.gatewayPid,
    tokenSecret: options.tokenSecret,
    uploads,
  })
  const costs = [closed, open, crowded, allAtOnce]
  const worked = ({ cpuMs, kernelMs, beginP99Ms }: UploadCost): string =>
    `${cpuMs.toFixed(2)} ms of CPU (${kernelMs.toFixed(2)} in the kernel), begin p99 ${beginP99Ms.toFixed(1)} ms`
  return {
    what: `begin and complete, ${uploads} of each, four at once, ${PER_SECOND} a second, ${CROWD} at once, and all at once`,
    bar: '≤ 0.5 ms of gateway CPU for both; bytes through it: 0',
    figure: `${costs.map(worked).join('; ')}; bytes ${bytesThroughGateway}`,
    isMet:
      costs.every(({ cpuMs }) => cpuMs <= BEGIN_AND_COMPLETE_CPU_MS) && bytesThroughGateway === 0,
    reason:
      'a media worker answers; for each of the two the gateway is woken twice, by the client and by the worker, and the fewer there are at once, the more of its time that takes',
  }
}

async function mintLinks(options: MediaBenchOptions): Promise<MediaRow> {
  const { cpuMs, requestP99Ms, links } = await measureMintLinks({
    port: Number(new URL(options.gatewayUrl).port),
    gatewayPid: options.gatewayPid,
    tokenSecret: options.tokenSecret,
    requests: options.quick ? 40 : 200,
  })
  return {
    what: `${links} links, 50 in a request`,
    bar: 'none',
    figure: `${cpuMs.toFixed(3)} ms of gateway CPU for each; a request p99 ${requestP99Ms.toFixed(1)} ms`,
  }
}

/** Small files of every kind: what stays behind of each shows soon. */
async function memoryOverMixedJobs(
  { workerPid, files, mixedJobs, tell }: MediaBenchOptions,
  sender: MediaSender,
): Promise<MediaRow> {
  const kinds = [files.picture, files.voice, files.text, files.picture, files.photo]
  const rssMegabytes: number[] = []
  const look = Math.max(1, Math.floor(mixedJobs / MEMORY_LOOKS))
  let done = 0
  let begun = 0
  const line = async (): Promise<void> => {
    while (begun < mixedJobs) {
      const file = kinds[begun++ % kinds.length]
      if (file !== undefined) await sender.send(file)
      if (++done % look !== 0) continue
      rssMegabytes.push(Math.round(readProcessTree(workerPid).rssBytes / 1e6))
      tell(`${done} files: ${rssMegabytes.at(-1)} MB`)
    }
  }
  await Promise.all(Array.from({ length: MIXED_AT_ONCE }, line))
  return {
    what: `memory of the worker with its children over ${mixedJobs} mixed files`,
    bar: 'flat',
    figure: `${rssMegabytes.join(', ')} MB`,
  }
}

function cpuSince(before: ProcessReading, pid: number): number {
  return readProcessTree(pid).cpuMs - before.cpuMs
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0)
}

function megabytes({ sizeBytes }: MediaFile): string {
  return (sizeBytes / 1e6).toFixed(1)
}
