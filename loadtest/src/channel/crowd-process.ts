import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Arrival, CrowdOptions } from './crowd.ts'

export interface CrowdReport {
  readonly connected: number
  readonly arrivals: readonly Arrival[]
}

/** A crowd in a process of its own: no process may have files enough for all. */
export class CrowdProcess {
  readonly #child: ChildProcess

  constructor(options: CrowdOptions) {
    const main = join(import.meta.dirname, 'crowd-main.ts')
    this.#child = fork(main, [JSON.stringify(options)], { stdio: 'inherit' })
  }

  /** Settles when all follow; rejects when the process ends before. */
  async gathered(): Promise<void> {
    await this.#message()
  }

  async report(): Promise<CrowdReport> {
    const answer = this.#message()
    this.#child.send('report')
    return parseReport(await answer)
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  async #message(): Promise<unknown> {
    const ended = new AbortController()
    const end = (): void => ended.abort(new Error('a process with followers ended'))
    this.#child.once('exit', end)
    try {
      const values: readonly unknown[] = await once(this.#child, 'message', {
        signal: ended.signal,
      })
      return values[0]
    } finally {
      this.#child.off('exit', end)
    }
  }
}

function parseReport(message: unknown): CrowdReport {
  return message as CrowdReport
}
