import { randomBytes } from 'node:crypto'
import {
  newAttachmentId,
  newBlobKey,
  newConversationId,
  parseUserId,
  type UserId,
} from '@satchel/protocol'
import type { AttachmentRow, BlobFacts, NewBlob } from '@satchel/chat-core/ports'

export function userNamed(name: string): UserId {
  const id = parseUserId(name)
  if (id === undefined) throw new Error(`${name} is no user id`)
  return id
}

/** An attachment just begun, with what the test is about. */
export function attachmentRow(about: Partial<AttachmentRow> = {}): AttachmentRow {
  const id = about.id ?? newAttachmentId()
  return {
    id,
    version: 1,
    state: 'uploading',
    uploaderId: userNamed('alice'),
    conversationId: newConversationId('group'),
    name: 'photo.jpg',
    sizeBytes: 5,
    contentType: 'image/jpeg',
    staging: {
      key: `staging/20270101/00/${id}`,
      targetId: randomBytes(16).toString('base64url'),
      sizeBytes: 5,
      partCount: 0,
      partBytes: 0,
    },
    copyKey: newBlobKey(),
    createdMs: 1_000,
    touchedMs: 1_000,
    ...about,
  }
}

export function newBlob(about: Partial<NewBlob> = {}): NewBlob {
  return {
    key: newBlobKey(),
    sha256: randomBytes(32).toString('base64url'),
    sizeBytes: 5,
    ...about,
  }
}

export function blobFacts(about: Partial<BlobFacts> = {}): BlobFacts {
  return {
    pipelineVersion: 1,
    contentType: 'image/jpeg',
    width: 4,
    height: 3,
    variants: [{ name: 'w320', contentType: 'image/webp', sizeBytes: 9, width: 4, height: 3 }],
    ...about,
  }
}
