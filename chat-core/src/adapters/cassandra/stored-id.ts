import type { BlobKey } from '@satchel/protocol'

// Ids are 16 bytes: in memory base64url, in tables as they are.

export function idBytes(id: string): Buffer {
  return Buffer.from(id, 'base64url')
}

export { parseStoredAttachmentId } from '../cell-value.ts'

export function parseStoredBlobKey(key: Buffer): BlobKey {
  return key.toString('base64url') as BlobKey
}
