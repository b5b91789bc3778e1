import type { AttachmentId } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { UploadDeps } from './upload-deps.ts'

export interface ChangedAttachment {
  /** As it stands afterwards; `undefined` when there is none of this id. */
  readonly row: AttachmentRow | undefined
  /** Whether this call changed it. */
  readonly changed: boolean
}

/**
 * Changes a row as it stands when written: `change` gives the new one, or `undefined` to leave it, and is
 * asked again whenever somebody else was faster. Begins with `known`, if given: a row as it was read just now.
 */
export async function changeAttachment(
  deps: Pick<UploadDeps, 'attachments'>,
  id: AttachmentId,
  change: (row: AttachmentRow) => Omit<AttachmentRow, 'version'> | undefined,
  known?: AttachmentRow,
): Promise<ChangedAttachment> {
  for (let row = known ?? (await deps.attachments.read(id)); ;) {
    const changed = row === undefined ? undefined : change(row)
    if (row === undefined || changed === undefined) return { row, changed: false }
    const next = { ...changed, version: row.version + 1 }
    if (await deps.attachments.replace(row, next)) return { row: next, changed: true }
    row = await deps.attachments.read(id)
  }
}
