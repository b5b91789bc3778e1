import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { CHANNEL_DESCRIPTOR } from './channel-descriptor.ts'
import {
  clearChildFolder,
  copyMade,
  layBefore,
  removeChildFolder,
  takeMade,
} from './child-folder.ts'
import { firstChildOf, residentBytesOf } from './child-process-facts.ts'
import type { Confinement } from './confinement.ts'
import type { ChildMessage, Derived, DeriveRequest } from './derive-request.ts'
import { DISK_BOUNDS, DiskGuard, type DiskBounds } from './disk-guard.ts'
import { deadlineMsOf, type FileDeadlines } from './file-deadlines.ts'
import { keepsChild } from './keeps-child.ts'
import { LineChannel } from './line-channel.ts'
import { parseChildMessage } from './parse-child-message.ts'

export interface SandboxChildOptions {
  /** The Node program that runs children. */
  readonly nodePath: string
  readonly confinement: Confinement
  /** Whether it leaves the processors to whoever else has work for them. */
  readonly yields?: boolean | undefined
  /** `DISK_BOUNDS` unless given. */
  readonly disk?: DiskBounds | undefined
}

/** How a child answered, or that it did not. */
export type ChildOutcome =
  | { readonly kind: 'derived'; readonly derived: Derived }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'died' }

const NODE_OPTIONS = [
  // With its guard regions one wasm memory alone would be over the limit of address space.
  '--disable-wasm-trap-handler',
  '--max-old-space-size=256',
]

const YIELD_PROCESSORS = ['/bin/sh', join(import.meta.dirname, 'yield-processors.sh')]

/** How much of what a child complains about is kept. */
const LAST_WORDS = 1_000

/** One confined process that opens one file at a time. It is alive until it is killed or dies. */
export class SandboxChild {
  readonly #confinement: Confinement
  readonly #folder: string
  readonly #process: ChildProcess
  readonly #channel: LineChannel<ChildMessage>
  readonly #exited: Promise<void>
  readonly #disk: DiskBounds
  #lastWords = ''
  #startBytes = 0
  #jobs = 0
  #mayStay = false
  #isAlive = true

  /** `folder` is this child's alone, with its code in it, and goes with it. */
  constructor(options: SandboxChildOptions, folder: string) {
    const { nodePath, confinement, yields = false, disk = DISK_BOUNDS } = options
    this.#confinement = confinement
    this.#disk = disk
    this.#folder = folder
    const ownCommand = [nodePath, ...NODE_OPTIONS, confinement.childModule]
    const prefix = yields ? YIELD_PROCESSORS : []
    const [program, ...rest] = [...prefix, ...confinement.command(folder), ...ownCommand]
    this.#process = spawn(program ?? nodePath, rest, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...confinement.environment, TMPDIR: this.#inside(join(folder, 'out')) },
      cwd: '/',
      // A process group of its own, to be killed as one.
      detached: true,
    })
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS)
    })
    this.#exited = new Promise((resolve) => {
      const gone = (): void => {
        this.#isAlive = false
        resolve()
      }
      this.#process.once('exit', gone)
      this.#process.once('error', gone)
    })
    this.#channel = new LineChannel(pipeTo(this.#process), parseChildMessage)
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** Of the child proper, as the machine counts processes. */
  get pid(): number | undefined {
    const { pid } = this.#process
    return pid !== undefined && this.#confinement.isWorld ? firstChildOf(pid) : pid
  }

  /** Files it was given. */
  get jobs(): number {
    return this.#jobs
  }

  /** By how much its memory has grown since it started. */
  get grownBytes(): number {
    return this.#residentBytes() - this.#startBytes
  }

  /** Settles when it can take a file; rejects, and kills it, when it cannot in time. */
  async ready(deadlineMs: number): Promise<void> {
    const message = await this.#answer(deadlineMs)
    if (message !== 'late' && message?.kind === 'ready') {
      this.#startBytes = this.#residentBytes()
      return
    }
    await this.kill()
    throw new Error(`a sandboxed child did not start: ${this.#lastWords.trim()}`)
  }

  /**
   * Rejects when the machine is to blame. After that, after all but `derived`, and after a file that may have taken it
   * over, the child is gone.
   */
  async derive(request: DeriveRequest, deadlines: FileDeadlines): Promise<ChildOutcome> {
    this.#jobs++
    try {
      const { input, made } = await layBefore(this.#folder, request.inputPath)
      const outcome = await this.#askOnGuard(
        { ...request, inputPath: this.#inside(input), outputFolder: this.#inside(made) },
        deadlines,
      )
      const isTaken = outcome.kind === 'derived' && (await this.#take(request.outputFolder))
      // What does not go while the child lives is removed once it has gone. Nor does one stay that failed: what it could
      // not load it would not try to load again.
      const isClear =
        isTaken && this.#mayStay && this.isAlive && (await clearChildFolder(this.#folder))
      if (!isClear) await this.kill()
      return outcome.kind === 'derived' && !isTaken ? { kind: 'died' } : outcome
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  /** Ends the child and all it started. */
  async kill(): Promise<void> {
    await this.#end()
    await removeChildFolder(this.#folder)
  }

  async #end(): Promise<void> {
    const { pid } = this
    if (this.isAlive && pid !== undefined) {
      // With the first process of a world all others in it go, before it is seen to have gone.
      signal(this.#confinement.isWorld ? pid : -pid)
    } else {
      this.#process.kill('SIGKILL')
    }
    await this.#exited
  }

  /** What it made, without what it may still write to. */
  async #take(outputFolder: string): Promise<boolean> {
    if (this.#mayStay) return copyMade(this.#folder, outputFolder)
    await this.#end()
    return takeMade(this.#folder, outputFolder)
  }

  async #askOnGuard(request: DeriveRequest, deadlines: FileDeadlines): Promise<ChildOutcome> {
    const guard = new DiskGuard(join(this.#folder, 'out'), this.#disk, () => void this.#end())
    try {
      const outcome = await this.#ask(request, deadlines)
      if (guard.excess === 'disk') throw new Error('the disk is nearly full')
      return outcome
    } finally {
      guard.stop()
    }
  }

  async #ask(request: DeriveRequest, deadlines: FileDeadlines): Promise<ChildOutcome> {
    this.#mayStay = false
    const answer = this.#answer(deadlines.otherMs, deadlines)
    this.#channel.send(request)
    const message = await answer
    if (message === 'late') {
      await this.kill()
      return { kind: 'late' }
    }
    switch (message?.kind) {
      case 'derived':
        return { kind: 'derived', derived: message.derived }
      case 'failed':
        return message
      case 'ready':
      case 'sniffed':
      case undefined:
        // Dead, or no longer saying what it should.
        await this.kill()
        return { kind: 'died' }
      default:
        return message satisfies never
    }
  }

  #inside(path: string): string {
    return this.#confinement.inside(this.#folder, path)
  }

  #residentBytes(): number {
    return this.pid === undefined ? 0 : residentBytesOf(this.pid)
  }

  /**
   * What the child says in the end; `undefined` when it dies first, or says what it should not. That it knows
   * the type gives it the time of that type from then on, once.
   */
  async #answer(
    deadlineMs: number,
    deadlines?: FileDeadlines,
  ): Promise<ChildMessage | 'late' | undefined> {
    const message = await this.#nextMessage(deadlineMs)
    if (deadlines === undefined || message === 'late' || message?.kind !== 'sniffed') return message
    // Said before anything of the file was decoded.
    this.#mayStay = keepsChild(message.contentType)
    return this.#nextMessage(deadlineMsOf(deadlines, message.contentType))
  }

  async #nextMessage(deadlineMs: number): Promise<ChildMessage | 'late' | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<'late'>()
    const timer = setTimeout(resolve, deadlineMs, 'late')
    const dead = this.#exited.then(() => undefined)
    const message = await Promise.race([this.#channel.next(), dead, late])
    clearTimeout(timer)
    return message
  }
}

function pipeTo({ stdio }: ChildProcess): Duplex {
  // Without descriptors to spare there are none at all, whatever the type says.
  const pipe = (stdio as typeof stdio | undefined)?.[CHANNEL_DESCRIPTOR]
  if (!(pipe instanceof Duplex)) throw new Error('a sandboxed child has no pipe')
  return pipe
}

function signal(pid: number): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- nothing else signals a process that is no child of this one, or a group
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
