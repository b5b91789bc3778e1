import { makeChildFolder, removeChildFolder } from './child-folder.ts'
import type { Confinement } from './confinement.ts'
import type { Derived, FileToDerive } from './derive-request.ts'
import { FILE_DEADLINES, LATE_DEADLINES, type FileDeadlines } from './file-deadlines.ts'
import type { MediaPrograms } from './media-programs.ts'
import { SandboxChild } from './sandbox-child.ts'

export interface SandboxPoolOptions {
  readonly nodePath: string
  readonly confinement: Confinement
  /** Where each child gets a folder of its own. */
  readonly folder: string
  readonly programs: MediaPrograms
  /** Whether children leave the processors to whoever else has work for them. */
  readonly yields?: boolean | undefined
  /** Children at once. */
  readonly size: number
  readonly startDeadlineMs: number
  /** After this long over one file a child is killed. */
  readonly deadlines: FileDeadlines
  /** A child is replaced after so many files, */
  readonly maxFiles: number
  /** or when its memory has grown by so much, with what it loaded for the first of them. */
  readonly maxGrownBytes: number
}

export const DEFAULT_POOL_OPTIONS = {
  size: 2,
  startDeadlineMs: 20_000,
  deadlines: FILE_DEADLINES,
  maxFiles: 500,
  maxGrownBytes: 300 * 1024 * 1024,
} as const

/** For what takes long and nobody waits for: one file at a time. */
export const LATE_POOL_OPTIONS = {
  ...DEFAULT_POOL_OPTIONS,
  size: 1,
  deadlines: LATE_DEADLINES,
  maxFiles: 20,
  yields: true,
} as const

/** What came of a file: something, or the reason why the file itself is to blame. */
export type SandboxOutcome =
  | { readonly kind: 'derived'; readonly derived: Derived }
  | { readonly kind: 'fault'; readonly reason: 'took_too_long' | 'decoder_crashed' }

/**
 * Children that open foreign files, kept warm, replaced before they grow old. Not more than `size` files
 * at once; further calls wait.
 */
export class SandboxPool {
  readonly #options: SandboxPoolOptions
  readonly #idle: SandboxChild[] = []
  readonly #starting = new Set<SandboxChild>()
  readonly #prepared = new Set<Promise<void>>()
  readonly #busy = new Set<SandboxChild>()
  readonly #waiting: (() => void)[] = []
  #taken = 0
  /** Children that a file waits for while they start. */
  #awaited = 0
  #closed = false

  constructor(options: SandboxPoolOptions) {
    this.#options = options
  }

  /** Rejects when the machine, not the file, is to blame. */
  async derive(file: FileToDerive): Promise<SandboxOutcome> {
    const { programs, deadlines } = this.#options
    await this.#enter()
    try {
      // A child may die for reasons of its own; two in a row is the file's doing.
      for (let attempt = 1; attempt <= 2; attempt++) {
        const child = await this.#takeChild()
        const outcome = await child
          .derive({ ...file, programs }, deadlines)
          .finally(() => this.#giveBack(child))
        if (outcome.kind === 'derived') return outcome
        if (outcome.kind === 'late') return { kind: 'fault', reason: 'took_too_long' }
        if (outcome.kind === 'failed') throw new Error(`sandboxed child: ${outcome.message}`)
        if (this.#closed) throw new Error('the sandbox was closed')
      }
      return { kind: 'fault', reason: 'decoder_crashed' }
    } finally {
      this.#leave()
    }
  }

  /** Process ids of children that have a file open. */
  get busyPids(): readonly number[] {
    return [...this.#busy].flatMap((child) => child.pid ?? [])
  }

  /** Children that wait for a file. */
  get idleCount(): number {
    return this.#idle.length
  }

  /** Kills all children; what they were doing rejects. */
  async close(): Promise<void> {
    this.#closed = true
    const children = [...this.#idle, ...this.#starting, ...this.#busy]
    await Promise.all(children.map((child) => child.kill()))
    await Promise.all(this.#prepared)
  }

  async #takeChild(): Promise<SandboxChild> {
    const child = (await this.#takeIdle()) ?? (await this.#startAwaited())
    this.#busy.add(child)
    return child
  }

  async #startAwaited(): Promise<SandboxChild> {
    this.#awaited++
    try {
      return await this.#startChild()
    } finally {
      this.#awaited--
    }
  }

  async #takeIdle(): Promise<SandboxChild | undefined> {
    for (;;) {
      const child = this.#idle.pop()
      if (child?.isAlive === true) return child
      if (child !== undefined) continue
      const next = this.#prepared.values().next().value
      if (next === undefined) return undefined
      await next
    }
  }

  /**
   * In the places of those that have gone, so that the next files need not wait for them to start. As many as there may
   * be: another takes what comes while one is replaced.
   */
  #prepare(): void {
    if (this.#closed) return
    const { length } = this.#idle
    const there = length + this.#prepared.size + this.#awaited + this.#busy.size
    for (let missing = this.#options.size - there; missing > 0; missing--) this.#prepareOne()
  }

  #prepareOne(): void {
    const prepared = this.#startChild()
      .then(
        (child) => void this.#idle.push(child),
        // Whoever needs one tries again, and is told.
        () => undefined,
      )
      .finally(() => this.#prepared.delete(prepared))
    this.#prepared.add(prepared)
  }

  async #startChild(): Promise<SandboxChild> {
    const folder = await makeChildFolder(this.#options.folder, this.#options.confinement.code)
    let child: SandboxChild | undefined
    try {
      this.#requireOpen()
      child = new SandboxChild(this.#options, folder)
      this.#starting.add(child)
      await child.ready(this.#options.startDeadlineMs)
      this.#requireOpen()
      return child
    } catch (error) {
      // Whoever has a folder takes it along.
      await (child?.kill() ?? removeChildFolder(folder))
      throw error
    } finally {
      if (child !== undefined) this.#starting.delete(child)
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('the sandbox is closed')
  }

  async #giveBack(child: SandboxChild): Promise<void> {
    this.#busy.delete(child)
    const { maxFiles, maxGrownBytes } = this.#options
    const isWorn = child.jobs >= maxFiles || child.grownBytes > maxGrownBytes
    if (isWorn || this.#closed) await child.kill()
    if (child.isAlive) this.#idle.push(child)
    else this.#prepare()
  }

  async #enter(): Promise<void> {
    if (this.#taken < this.#options.size) {
      this.#taken++
      return
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken--
    else next()
  }
}
