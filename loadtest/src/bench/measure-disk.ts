import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** How long a small write takes that is on disk when it returns, in milliseconds. */
export interface DiskResult {
  readonly p50: number
  readonly p99: number
}

const WRITES = 200
const WRITE_BYTES = 4_096

/** No durable server answers sooner than its disk: latencies are read beside this. */
export async function measureDisk(folder: string): Promise<DiskResult> {
  const path = join(folder, 'disk-probe')
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC)
  try {
    const bytes = Buffer.alloc(WRITE_BYTES, 1)
    const tookMs: number[] = []
    for (let count = 0; count < WRITES; count++) {
      const startedMs = performance.now()
      await file.write(bytes, 0, WRITE_BYTES, 0)
      tookMs.push(performance.now() - startedMs)
    }
    tookMs.sort((left, right) => left - right)
    const at = (part: number): number =>
      Math.round((tookMs[Math.floor(part * WRITES)] ?? 0) * 100) / 100
    return { p50: at(0.5), p99: at(0.99) }
  } finally {
    await file.close()
  }
}
