import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Confinement } from './confinement.ts'
import { parseChildMessage, type Derived, type DeriveRequest } from './derive-request.ts'

export interface SandboxChildOptions {
  /** The Node program that runs children. */
  readonly nodePath: string
  readonly confinement: Confinement
}

/** How a child answered, or that it did not. */
export type ChildOutcome =
  | { readonly kind: 'derived'; readonly derived: Derived }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'died' }

const CHILD = join(import.meta.dirname, 'child-main.ts')
const NODE_OPTIONS = [
  // With its guard regions one wasm memory alone would be over the limit of address space.
  '--disable-wasm-trap-handler',
  '--max-old-space-size=256',
]

/** How much of what a child complains about is kept. */
const LAST_WORDS = 1_000

/** One confined process that opens one file at a time. It is alive until it is killed or dies. */
export class SandboxChild {
  readonly #process: ChildProcess
  readonly #exited: Promise<void>
  #lastWords = ''
  #startRssBytes = 0
  #rssBytes = 0
  #jobs = 0
  #isAlive = true

  constructor({ nodePath, confinement }: SandboxChildOptions) {
    const ownCommand = [nodePath, ...NODE_OPTIONS, CHILD]
    const [program, ...rest] = [...confinement.prefix, ...ownCommand]
    this.#process = spawn(program ?? nodePath, rest, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...confinement.environment },
      cwd: '/',
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
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Files it was given. */
  get jobs(): number {
    return this.#jobs
  }

  /** By how much its memory has grown since it started. */
  get grownBytes(): number {
    return this.#rssBytes - this.#startRssBytes
  }

  /** Settles when it can take a file; rejects, and kills it, when it cannot in time. */
  async ready(deadlineMs: number): Promise<void> {
    const message = await this.#nextMessage(deadlineMs)
    if (message !== 'late' && message?.kind === 'ready') {
      this.#startRssBytes = message.rssBytes
      this.#rssBytes = message.rssBytes
      return
    }
    await this.kill()
    throw new Error(`a sandboxed child did not start: ${this.#lastWords.trim()}`)
  }

  /** Never rejects. After `late` and `died` the child is gone. */
  async derive(request: DeriveRequest, deadlineMs: number): Promise<ChildOutcome> {
    this.#jobs++
    const answer = this.#nextMessage(deadlineMs)
    this.#process.send(request, () => undefined)
    const message = await answer
    if (message === 'late') {
      await this.kill()
      return { kind: 'late' }
    }
    switch (message?.kind) {
      case 'derived':
        this.#rssBytes = message.rssBytes
        return { kind: 'derived', derived: message.derived }
      case 'failed':
        return message
      case 'ready':
      case undefined:
        // Dead, or no longer saying what it should.
        await this.kill()
        return { kind: 'died' }
      default:
        return message satisfies never
    }
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  /** The next thing the child says; `undefined` when it dies first, or says what it should not. */
  #nextMessage(deadlineMs: number) {
    return new Promise<ReturnType<typeof parseChildMessage> | 'late'>((resolve) => {
      const timer = setTimeout(() => resolve('late'), deadlineMs)
      const take = (message: unknown): void => {
        clearTimeout(timer)
        this.#process.off('message', take)
        resolve(parseChildMessage(message))
      }
      this.#process.on('message', take)
      void this.#exited.then(() => take(undefined))
    })
  }
}
