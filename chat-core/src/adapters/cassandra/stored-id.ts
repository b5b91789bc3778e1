import type { AttachmentId, BlobKey } from '@satchel/protocol'

// Ids are 16 bytes: in memory base64url, in tables as they are.

export function idBytes(id: string): Buffer {
  return Buffer.from(id, 'base64url')
}

export function parseStoredAttachmentId(id: Buffer): AttachmentId {
  return id.toString('base64url') as AttachmentId
}

export function parseStoredBlobKey(key: Buffer): BlobKey {
  return key.toString('base64url') as BlobKey
}
