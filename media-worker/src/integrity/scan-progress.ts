import { parseBlobKey, type BlobKey } from '@satchel/protocol'
import type { ObjectStore } from '@satchel/chat-core/ports'

/** How far the scan of a day has come. */
export interface ScanProgress {
  /** Days since 1970. */
  readonly day: number
  /** The last blob that was looked at; absent before the first. */
  readonly after: BlobKey | undefined
  readonly isOver: boolean
}

const KEY = 'upkeep/integrity-scan'

/** Beside the bytes, where every worker finds it. What cannot be read is no progress. */
export async function readScanProgress(
  objects: Pick<ObjectStore, 'read'>,
): Promise<ScanProgress | undefined> {
  const object = await objects.read(KEY)
  if (object === undefined) return undefined
  const [day = '', state = '', after = ''] = Buffer.concat(await Array.fromAsync(object.body))
    .toString()
    .split(' ')
  if (!/^\d+$/.test(day)) return undefined
  return { day: Number(day), isOver: state === 'over', after: parseBlobKey(after) }
}

export async function writeScanProgress(
  objects: Pick<ObjectStore, 'put'>,
  { day, after, isOver }: ScanProgress,
): Promise<void> {
  const bytes = Buffer.from(`${day} ${isOver ? 'over' : 'begun'} ${after ?? ''}`)
  const body = async function* () {
    yield bytes
  }
  await objects.put(KEY, body(), bytes.length)
}
