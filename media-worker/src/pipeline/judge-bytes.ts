import type { AttachmentRow } from '@satchel/chat-core/ports'
import type { ReadBytes } from './read-once.ts'

/** Why bytes are not accepted whatever is in them; `undefined` when they are. */
export function judgeBytes(row: AttachmentRow, bytes: ReadBytes): string | undefined {
  if (bytes.verdict.kind === 'malicious') return 'malware'
  const isAnnounced = bytes.sizeBytes === row.sizeBytes
  const hasHash = row.sha256 === undefined || row.sha256 === bytes.sha256
  return isAnnounced && hasHash ? undefined : 'file_changed'
}
