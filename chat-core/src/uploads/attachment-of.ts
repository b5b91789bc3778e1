import type { Attachment } from '@satchel/protocol'
import type { AttachmentRow, AttachmentWords } from '../ports/attachment-catalogue.ts'

/**
 * What readers learn of an attachment. Links are added on the way out. Why bytes were rejected concerns the
 * uploader alone: `upload_status` says it.
 */
export function attachmentOf(row: AttachmentRow, words: AttachmentWords | undefined): Attachment {
  const { facts } = row
  const known: Attachment = {
    id: row.id,
    version: row.version,
    state: row.state,
    name: row.name,
    sizeBytes: row.sizeBytes,
    contentType: facts?.contentType ?? row.contentType,
    ...(row.state !== 'rejected' && row.reason !== undefined && { reason: row.reason }),
    ...words,
  }
  if (row.state !== 'ready' || facts === undefined || row.blob === undefined) return known
  return {
    ...known,
    ...(facts.reason !== undefined && { reason: facts.reason }),
    width: facts.width,
    height: facts.height,
    durationMs: facts.durationMs,
    thumbhash: facts.thumbhash,
    waveform: facts.waveform,
    blob: row.blob,
    pipelineVersion: facts.pipelineVersion,
    variants: facts.variants,
  }
}
