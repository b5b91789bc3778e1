import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { UploadSettings } from './upload-settings.ts'

/**
 * Until when the bytes of an attachment in a message are kept; `undefined`: as long as the message. Counted from
 * when it was uploaded or forwarded.
 */
export function retainedUntilMs(
  { retentionMs }: Pick<UploadSettings, 'retentionMs'>,
  { state, createdMs }: Pick<AttachmentRow, 'state' | 'createdMs'>,
): number | undefined {
  // Of the other outcomes nothing is stored but what failed, which an operator may want to try again.
  return state === 'ready' && retentionMs !== undefined ? createdMs + retentionMs : undefined
}
