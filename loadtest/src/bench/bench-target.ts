import type { ServerProcess } from '../server-process.ts'
import type { NamedProcess } from './process-meter.ts'

/** The processes under measurement. */
export interface BenchServers {
  start(): Promise<void>
  /** Asks them to leave, and settles when they have. */
  stop(): Promise<void>
  /** All whose CPU and memory count, while they run. */
  processes(): readonly NamedProcess[]
}

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
  readonly servers: BenchServers
  /** One user's socket, ready to send. */
  connect(user: number, listener: BenchListener): Promise<BenchConnection>
  /** Makes groups of these users, all connected; numbered as listed. */
  prepare(groups: readonly (readonly number[])[]): Promise<void>
}

export function oneServer(server: ServerProcess, name = 'server'): BenchServers {
  return {
    start: () => server.start(),
    stop: () => server.kill('SIGTERM'),
    processes: () => (server.pid === undefined ? [] : [{ name, pid: server.pid }]),
  }
}

/** Several as one: started one after the other, and stopped so. */
export function severalServers(all: readonly BenchServers[]): BenchServers {
  return {
    async start() {
      for (const servers of all) await servers.start()
    },
    async stop() {
      for (const servers of all) await servers.stop()
    },
    processes: () => all.flatMap((servers) => servers.processes()),
  }
}

/** Servers that speak the same, and which of them a user connects to. */
export interface ReachableServers {
  /** As tables call them. */
  readonly name: string
  readonly servers: BenchServers
  readonly portOf: (user: number) => number
}

const NETS = 200
const HOSTS = 200

/** Where a user connects from: 40,000 addresses of 127.0.0.0/8 in turn, as far apart as users' own would be. */
export function localAddressOf(user: number): string {
  return `127.${1 + (user % NETS)}.${Math.floor(user / NETS) % HOSTS}.2`
}
