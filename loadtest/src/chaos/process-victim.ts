import type { Victim } from './victim.ts'

/** SIGKILL, and started again; SIGTERM, and started again; SIGSTOP, and SIGCONT. */
export type ProcessStrikeKind = 'kill' | 'restart' | 'pause'

/** A process that can be ended, and started again with what it had on disk. */
export interface HurtProcess {
  readonly name: string
  /** Settles when it is gone. */
  kill(): Promise<void>
  /** Asks it to leave, and settles when it has. */
  stop(): Promise<void>
  /** Settles when it can be used. */
  start(): Promise<void>
  /** Settles when it stands still. */
  pause(): Promise<void>
  resume(): void
}

export function processVictim(process: HurtProcess): Victim<ProcessStrikeKind> {
  return {
    name: process.name,
    hurt(kind) {
      switch (kind) {
        case 'kill':
          return process.kill()
        case 'restart':
          return process.stop()
        case 'pause':
          return process.pause()
        default:
          return kind satisfies never
      }
    },
    heal(kind) {
      if (kind !== 'pause') return process.start()
      process.resume()
      return Promise.resolve()
    },
  }
}
