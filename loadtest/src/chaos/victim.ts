/** A process that a run may hurt, and that can come back. */
export interface Victim {
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
