import type { Product } from './product.ts'

/** What a process says of the bytes that went through it, in both directions. */
export interface PassedBytes {
  readonly name: string
  /** Under the paths of files; 0 where it has none. */
  readonly media: number
  /** Of sockets, of the HTTP API, and to and from NATS: whatever could carry a file in pieces. */
  readonly chat: number
  /** Calls to the object store. */
  readonly storeCalls: number
}

/** By the counters of each gateway and chat-core; none where all is one process. */
export function readPassedBytes({ chatProcesses }: Product): Promise<readonly PassedBytes[]> {
  return Promise.all(
    chatProcesses.map(async ({ name, address }) => {
      const response = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(10_000) })
      const text = await response.text()
      const sum = (pattern: RegExp): number =>
        [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0)
      return {
        name,
        media: sum(/^satchel_bytes_total\{family="media".*\} (.+)$/gm),
        chat:
          sum(/^satchel_bytes_total\{family="(?:socket|api)".*\} (.+)$/gm) +
          sum(/^satchel_nats_(?:received|sent)_bytes_total (.+)$/gm),
        storeCalls: sum(/^satchel_server_call_seconds_count\{.*server="s3".*\} (.+)$/gm),
      }
    }),
  )
}
