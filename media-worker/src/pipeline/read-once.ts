import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { blobObjectKey } from '@satchel/chat-core'
import type { BlobKey } from '@satchel/protocol'
import { GatheredFile } from './gathered-file.ts'
import { ScanUndecided, type Scanner, type ScanVerdict } from '../scanner.ts'
import type { WorkerDeps } from '../worker-deps.ts'

export interface ReadBytes {
  /** base64url */
  readonly sha256: string
  readonly sizeBytes: number
  readonly verdict: ScanVerdict
}

/**
 * The one read of an upload: hashed, scanned, and laid down at `path` for the sandbox. Content that was found
 * malicious before is so again, whatever the scanner says now. Rejects with `ScanUndecided` when the scanner
 * has no certain verdict, or otherwise when the bytes are not there.
 */
export async function readOnce(
  { objects, scanner, forbidden }: Pick<WorkerDeps, 'objects' | 'scanner' | 'forbidden'>,
  blob: BlobKey,
  path: string,
): Promise<ReadBytes> {
  const object = await objects.read(blobObjectKey(blob))
  if (object === undefined) throw new Error(`the bytes of ${blob} are not there`)
  const hash = createHash('sha256')
  const scan = new HeldScan(scanner)
  const file = await open(path, 'wx')
  const gathered = new GatheredFile(file)
  let sizeBytes = 0
  try {
    for await (const chunk of object.body) {
      sizeBytes += chunk.length
      hash.update(chunk)
      await scan.write(chunk)
      await gathered.write(chunk)
    }
    await gathered.flush()
    const sha256 = hash.digest('base64url')
    const known = await forbidden.read(sha256)
    if (known === undefined) return { sha256, sizeBytes, verdict: await scan.finish() }
    return { sha256, sizeBytes, verdict: { kind: 'malicious', signature: known.finding } }
  } finally {
    scan.cancel()
    await file.close()
  }
}

/** A scan whose failure waits for the end: the hash is to be known all the same. */
class HeldScan {
  readonly #scanner: Scanner
  readonly #scan: ReturnType<Scanner['open']>
  #failure: ScanUndecided | undefined

  constructor(scanner: Scanner) {
    this.#scanner = scanner
    this.#scan = scanner.open()
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return
    try {
      await this.#scan.write(chunk)
    } catch (error) {
      this.#failure = new ScanUndecided(this.#scanner.name, error)
    }
  }

  async finish(): Promise<ScanVerdict> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return await this.#scan.finish()
    } catch (error) {
      throw new ScanUndecided(this.#scanner.name, error)
    }
  }

  /** Once it has finished: nothing. */
  cancel(): void {
    this.#scan.cancel()
  }
}
