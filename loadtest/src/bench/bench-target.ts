import type { ServerProcess } from '../server-process.ts'

/** What a connection tells the generator. */
export interface BenchListener {
  /** A message came: its text, as it was sent. */
  readonly delivered: (text: string) => void
  readonly acknowledged: () => void
  /** Something that must not happen in a measurement: a refusal, a lost connection. */
  readonly failed: (reason: string) => void
}

export interface BenchConnection {
  /** Sends to one of the groups that `prepare` made. */
  send(group: number, text: string): void
  close(): void
}

/** A server under measurement: what the generator needs of it, whatever it speaks. */
export interface BenchTarget {
  readonly name: string
  readonly server: ServerProcess
  /** One user's socket, ready to send. */
  connect(user: number, listener: BenchListener): Promise<BenchConnection>
  /** Makes groups of these users, all connected; numbered as listed. */
  prepare(groups: readonly (readonly number[])[]): Promise<void>
}

/** Where a user connects from: loopback addresses in turn, each with its own ports. */
export function localAddressOf(user: number): string {
  return `127.0.0.${2 + (user % 100)}`
}
