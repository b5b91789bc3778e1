import type { NamedProcess } from '../bench/process-meter.ts'
import { delay } from '../chaos/deadlines.ts'
import { Latencies } from '../latencies.ts'
import { dividePeople } from '../load/divide-people.ts'
import { LoadFleet } from '../load/load-fleet.ts'
import type { HoldersResult } from '../load/parts/upload-holders.ts'
import type { LoadRow } from '../load/scenario.ts'
import { ServerMeter, type ServerUse } from '../load/server-meter.ts'
import { sumOf } from '../load/sum-of.ts'

export interface ConcurrentUploadsOptions {
  readonly ports: readonly number[]
  readonly tokenSecret: string
  readonly servers: () => readonly NamedProcess[]
  /** As the store has them, whatever the product says; without it nothing is counted there. */
  readonly countAttachments: (() => Promise<number>) | undefined
  readonly sessions: number
  /** How many are begun a second. */
  readonly perSecond: number
  /** At a time, while all are open. */
  readonly moving: number
  /** How long all are held open, with bytes of some of them moving. */
  readonly holdSeconds: number
  /** After so long without a sign of its uploader an upload is swept; without it no sweep is waited for. */
  readonly idleSeconds: number | undefined
  readonly tell: (line: string) => void
}

/** What a user may have pending. */
const UPLOADS_PER_USER = 10
const PROCESSES = 2
/** Of each process of the generator. */
const SAMPLE = 1_000
const WARM_UP_UPLOADS = 2_000
const POLL_MS = 15_000
/** A sweep begins every minute, and takes as long as it takes. */
const SWEEP_DEADLINE_MS = 3_600_000

/** Very many uploads that are open at once: begun, held, some brought, some given up, the others left to be swept. */
export async function runConcurrentUploads(
  options: ConcurrentUploadsOptions,
): Promise<readonly LoadRow[]> {
  const users = Math.ceil(options.sessions / UPLOADS_PER_USER)
  const shares = dividePeople({ ...options, users, processes: PROCESSES })
  const fleet = new LoadFleet('upload-holders', shares)
  try {
    options.tell(`${users} users connect`)
    await fleet.askAll('prepare')
    return await new ConcurrentUploads(options, fleet, shares.length).run()
  } finally {
    fleet.end()
  }
}

class ConcurrentUploads {
  readonly #options: ConcurrentUploadsOptions
  readonly #fleet: LoadFleet<'upload-holders'>
  /** Of the fleet. */
  readonly #processes: number
  readonly #meter: ServerMeter
  readonly #rows: LoadRow[] = []

  constructor(
    options: ConcurrentUploadsOptions,
    fleet: LoadFleet<'upload-holders'>,
    processes: number,
  ) {
    this.#processes = processes
    this.#options = options
    this.#fleet = fleet
    this.#meter = new ServerMeter(options.servers)
  }

  async run(): Promise<readonly LoadRow[]> {
    const { sessions, perSecond, idleSeconds } = this.#options
    // Compiled and warm, as after a minute.
    const warmUp = Math.min(WARM_UP_UPLOADS, Math.floor(sessions / 10))
    await this.#fleet.askAll('begin', this.#share(warmUp, perSecond))
    const before = this.#meter.read()
    await this.#phase('begin', sessions - warmUp, () =>
      this.#fleet.askAll('begin', this.#share(sessions - warmUp, perSecond)),
    )
    this.#addMemory(before, this.#meter.read(), sessions - warmUp)
    await this.#confirmOpen()
    await this.#bring()
    const given = Math.floor(sessions / 10)
    await this.#phase('give up', given, () =>
      this.#fleet.askAll('abort', this.#share(given, perSecond)),
    )
    if (idleSeconds !== undefined) await this.#awaitSweep(idleSeconds)
    return this.#rows
  }

  /** Counted in the store, and asked of the product for some of them. */
  async #confirmOpen(): Promise<void> {
    const inStore = (await this.#options.countAttachments?.()) ?? 'not counted'
    this.#add('open at once', { inStore, ...(await this.#askSome()) })
  }

  async #askSome() {
    const asked = Math.min(SAMPLE, Math.floor(this.#options.sessions / 2 / this.#processes))
    const said = await this.#fleet.askAll('countUploading', asked)
    return { asked: asked * this.#processes, saidUploading: sumOf(said, (count) => count) }
  }

  /** The bytes of so many at a time, while all others are held. */
  async #bring(): Promise<void> {
    const { moving, holdSeconds } = this.#options
    // Of half the time: from then on as many have begun as may be under way.
    const seconds = holdSeconds / 2
    const perSecond = moving / seconds
    this.#meter.begin()
    const work = { ...this.#share(perSecond * holdSeconds, perSecond), seconds }
    const results = await this.#fleet.askAll('bring', work)
    const use = this.#meter.read()
    await this.#addPhase(`bytes of ${moving} at a time`, results, use)
    this.#add('  bytes', {
      movingAtOnce: sumOf(results, ({ movingAtOnce }) => movingAtOnce),
      megabytes: Math.round(sumOf(results, ({ bytes }) => bytes) / 1e6),
      megabytesPerSecond: Math.round(sumOf(results, ({ bytes }) => bytes) / 1e5 / use.seconds) / 10,
    })
    const complete = Latencies.merged(results.map((result) => result.completeLatencies))
    this.#add('complete', { completed: complete.count, ...latencyValues(complete) })
  }

  /** Who never came back is swept: in the end none of those asked about waits for bytes any more. */
  async #awaitSweep(idleSeconds: number): Promise<void> {
    this.#meter.begin()
    const endMs = performance.now() + SWEEP_DEADLINE_MS + idleSeconds * 1_000
    let begunMs: number | undefined
    let some = await this.#askSome()
    while (some.saidUploading > 0 && performance.now() < endMs) {
      await delay(POLL_MS)
      some = await this.#askSome()
      if (some.saidUploading < some.asked) begunMs ??= performance.now() - POLL_MS
      this.#options.tell(`of ${some.asked} asked about ${some.saidUploading} are to be swept`)
    }
    const { cpuSeconds, loadAverage } = this.#meter.read()
    const seconds = Math.round((performance.now() - (begunMs ?? performance.now())) / 1_000)
    this.#add('swept', { ...some, seconds, cpuSeconds: Math.round(cpuSeconds), loadAverage })
  }

  async #phase(
    what: string,
    uploads: number,
    ask: () => Promise<readonly HoldersResult[]>,
  ): Promise<void> {
    this.#options.tell(`${what}: ${uploads}`)
    this.#meter.begin()
    await this.#addPhase(what, await ask(), this.#meter.read())
  }

  async #addPhase(what: string, results: readonly HoldersResult[], use: ServerUse): Promise<void> {
    const askedAgain = await this.#fleet.askAll('takeAskedAgain')
    const done = sumOf(results, (result) => result.done)
    const latencies = Latencies.merged(results.map((result) => result.latencies))
    for (const { firstFailure } of results) {
      if (firstFailure !== undefined) this.#options.tell(`${what}: ${firstFailure}`)
    }
    this.#add(what, {
      done,
      failures: sumOf(results, ({ failures }) => failures),
      askedAgain: sumOf(askedAgain, (count) => count),
      perSecond: Math.round(done / use.seconds),
      ...latencyValues(latencies),
      loadAverage: use.loadAverage,
    })
    for (const [role, processes] of byRole(use)) {
      const cpuSeconds = sumOf(processes, (process) => process.cpuSeconds)
      this.#add(`  CPU of ${role}`, { cpuMsEach: each(cpuSeconds, done) })
    }
  }

  #addMemory(before: ServerUse, after: ServerUse, sessions: number): void {
    const earlier = byRole(before)
    for (const [role, processes] of byRole(after)) {
      const rssMb = sumOf(processes, (process) => process.rssMb)
      const grownMb = rssMb - sumOf(earlier.get(role) ?? [], (process) => process.rssMb)
      const bytesPerUpload = Math.round((grownMb * 1_048_576) / sessions)
      this.#add(`  memory of ${role}`, {
        processes: processes.length,
        rssMb,
        grownMb,
        bytesPerUpload,
      })
    }
  }

  #share(uploads: number, perSecond: number) {
    const processes = this.#processes
    return { uploads: Math.floor(uploads / processes), perSecond: perSecond / processes }
  }

  #add(what: string, values: LoadRow['values']): void {
    this.#options.tell(`${what}: ${JSON.stringify(values)}`)
    this.#rows.push({ what, values })
  }
}

/** `gateway-1` and `gateway-2` are gateways. */
function byRole({ processes }: ServerUse): ReadonlyMap<string, ServerUse['processes']> {
  return Map.groupBy(processes, ({ name }) => name.replace(/-\d+$/, ''))
}

function latencyValues(latencies: Latencies) {
  const { p50, p99, max } = latencies.summary()
  return { p50Ms: p50, p99Ms: p99, maxMs: max }
}

function each(cpuSeconds: number, count: number): number {
  return Math.round((cpuSeconds * 1e6) / Math.max(1, count)) / 1_000
}
