import type { OwnerDirectory, OwnerHeartbeat } from '../ports/owner-directory.ts'
import type { Timers } from '../runtime/index.ts'
import { waitAtMost } from '../runtime/wait-at-most.ts'

export interface DirectoryPulseDeps {
  readonly directory: Pick<OwnerDirectory, 'beat' | 'leave' | 'list'>
  readonly timers: Pick<Timers, 'after'>
  /** Who lives; `undefined` when that cannot be learned at the moment. */
  readonly learned: (living: readonly OwnerHeartbeat[] | undefined) => void
  readonly failed: (error: unknown) => void
}

const INTERVAL_MS = 500
const LAST_BEAT_DEADLINE_MS = 100

/** Says twice a second that this chat-core lives, and asks who else does. */
export class DirectoryPulse {
  readonly #deps: DirectoryPulseDeps
  readonly #heartbeat: OwnerHeartbeat
  #lastBeat: Promise<void> = Promise.resolve()
  #cancel: (() => void) | undefined
  #isListing = false
  #isStopped = false

  constructor(deps: DirectoryPulseDeps, heartbeat: OwnerHeartbeat) {
    this.#deps = deps
    this.#heartbeat = heartbeat
  }

  start(): void {
    if (this.#isStopped) return
    this.#cancel = this.#deps.timers.after(INTERVAL_MS, () => {
      this.start()
    })
    // However long an answer takes, the next heartbeat does not wait for it.
    this.#lastBeat = this.#beat()
    void this.#lastBeat.then(() => this.list())
  }

  /** Asks at once, unless that is being done. */
  async list(): Promise<void> {
    if (this.#isListing || this.#isStopped) return
    this.#isListing = true
    const living = await this.#deps.directory.list().catch((error: unknown) => {
      this.#deps.failed(error)
      return undefined
    })
    this.#isListing = false
    if (!this.#isStoppedNow()) this.#deps.learned(living)
  }

  /** Says that this chat-core is gone, behind its last heartbeat. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    const { directory, timers, failed } = this.#deps
    await waitAtMost(timers, LAST_BEAT_DEADLINE_MS, this.#lastBeat)
    await directory.leave(this.#heartbeat.ownerId).catch(failed)
  }

  async #beat(): Promise<void> {
    await this.#deps.directory.beat(this.#heartbeat).catch(this.#deps.failed)
  }

  #isStoppedNow(): boolean {
    return this.#isStopped
  }
}
