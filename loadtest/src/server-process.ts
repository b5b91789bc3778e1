import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { request } from 'node:http'

export interface ServerProgram {
  /** What is run: a Node, or a server of somebody else. */
  readonly program: string
  /** For Node alone: its flags, and the file to run. */
  readonly nodeFlags?: readonly string[] | undefined
  readonly file?: string | undefined
  readonly args?: readonly string[] | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What it prints is appended to this file. */
  readonly logFile: string
  readonly port: number
  /** Answered with 200 once it can be used. */
  readonly readyPath: string
}

const POLL_MS = 20
const READY_TIMEOUT_MS = 30_000
const LEAVE_TIMEOUT_MS = 15_000

/** The server under test as a process of its own, the only way to kill it. */
export class ServerProcess {
  readonly #program: ServerProgram
  #child: ChildProcess | undefined

  constructor(program: ServerProgram) {
    this.#program = program
  }

  /** While it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it, and settles when it is ready. Rejects when it ends instead, or takes too long. */
  async start(): Promise<void> {
    const { program, nodeFlags = [], file, args = [], environment, logFile } = this.#program
    const log = openSync(logFile, 'a')
    const ofNode = file === undefined ? [] : [...nodeFlags, file]
    const child = spawn(program, [...ofNode, ...args], {
      env: { ...environment },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    this.#child = child
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    const end = performance.now() + READY_TIMEOUT_MS
    while (!(await this.#isReady())) {
      if (this.#child !== child) throw new Error(`the server ended at once, see ${logFile}`)
      if (performance.now() > end) {
        await this.kill('SIGKILL')
        throw new Error(`the server was not ready in time, see ${logFile}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** Sends the signal and settles when the process is gone; what does not leave is killed. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const deadline = setTimeout(() => child.kill('SIGKILL'), LEAVE_TIMEOUT_MS)
    await gone
    clearTimeout(deadline)
  }

  /** Stops its clock until `resume`: connections stay open, nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  #isReady(): Promise<boolean> {
    const { port, readyPath: path } = this.#program
    return new Promise((resolve) => {
      const asking = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      asking.once('error', () => resolve(false))
      asking.end()
    })
  }
}
