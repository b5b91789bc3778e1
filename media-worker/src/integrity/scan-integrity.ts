import type { UploadDeps } from '@satchel/chat-core'
import type { BlobRow, CatalogueWalk } from '@satchel/chat-core/ports'
import { parseBlobKey } from '@satchel/protocol'
import { walkDaily } from '../upkeep/walk-daily.ts'
import type { WorkerTelemetry } from '../worker-telemetry.ts'
import { coolBlob, type Tiering } from './cool-blob.ts'
import { checkBlob, type CheckDeps } from './check-blob.ts'

export interface ScanDeps extends CheckDeps {
  readonly catalogueWalk: Pick<CatalogueWalk, 'blobs'>
  readonly clock: UploadDeps['clock']
  /** Absent: everything stays where it is. */
  readonly tiering?: Tiering | undefined
  readonly telemetry: Pick<WorkerTelemetry, 'bytesChecked' | 'blobCooled' | 'upkeepFailed'>
}

/** In so many days every blob has its turn. */
const DAYS = 30
/** Of those whose turn it is, every so many-th is read whole, another one each time. */
const READ_ONE_OF = 100
/** What one round may do, so that it wears nothing out. */
const CHECKS_PER_ROUND = 200

/**
 * Goes on with today's look at a thirtieth of all bytes, a little each time it is called; gives how many were
 * checked. Two at once check some of them twice.
 */
export async function scanIntegrity(deps: ScanDeps): Promise<number> {
  return walkDaily(deps, {
    name: 'integrity-scan',
    rows: (after) => deps.catalogueWalk.blobs(after),
    idOf: ({ key }) => key,
    parseId: parseBlobKey,
    async visit(blob, day) {
      if (!isDue(blob, day)) return false
      await lookAt(deps, blob, isSampled(blob, day))
      return true
    },
    visitsPerRound: CHECKS_PER_ROUND,
  })
}

async function lookAt(deps: ScanDeps, blob: BlobRow, reads: boolean): Promise<void> {
  const health = await checkBlob(deps, blob, { reads })
  deps.telemetry.bytesChecked(blob.key, health)
  if (health === 'damaged') return
  try {
    if (await coolBlob(deps, blob)) deps.telemetry.blobCooled(blob.key)
  } catch (error) {
    // Where it lies is about costs: the scan goes on.
    deps.telemetry.upkeepFailed(error)
  }
}

/** Keys are random: their first bytes divide blobs evenly. */
function isDue({ key, state }: BlobRow, day: number): boolean {
  return state !== 'deleting' && numberOf(key, 0) % DAYS === day % DAYS
}

function isSampled({ key }: BlobRow, day: number): boolean {
  return (numberOf(key, 4) + Math.floor(day / DAYS)) % READ_ONE_OF === 0
}

function numberOf(key: BlobRow['key'], offset: number): number {
  return Buffer.from(key, 'base64url').readUInt32BE(offset)
}
