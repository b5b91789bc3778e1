import type { CatalogueWalk } from '@satchel/chat-core/ports'
import type { BlobKey } from '@satchel/protocol'
import { checkBlob, type BlobHealth, type CheckDeps } from './check-blob.ts'

/** Reads all that is stored, and gives what is not, or was not, as it came. */
export async function* findDamage(
  deps: CheckDeps & { readonly catalogueWalk: Pick<CatalogueWalk, 'blobs'> },
): AsyncGenerator<{ readonly blob: BlobKey; readonly health: Exclude<BlobHealth, 'sound'> }> {
  for await (const blob of deps.catalogueWalk.blobs()) {
    if (blob.state === 'deleting') continue
    const health = await checkBlob(deps, blob, { reads: true })
    if (health !== 'sound') yield { blob: blob.key, health }
  }
}
