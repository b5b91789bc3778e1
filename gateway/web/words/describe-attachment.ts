import type { Attachment } from '@satchel/protocol'

/** What a file is, in a word, for previews and screen readers. */
export function kindOfFile(contentType: string): 'photo' | 'video' | 'audio' | 'file' {
  if (contentType.startsWith('image/')) return 'photo'
  if (contentType.startsWith('video/')) return 'video'
  return contentType.startsWith('audio/') ? 'audio' : 'file'
}

/** “Photo”, “3 photos”, “report.pdf”: a message's attachments in one line. */
export function describeAttachments(
  attachments: readonly Pick<Attachment, 'name' | 'contentType'>[],
): string {
  const [first] = attachments
  if (first === undefined) return ''
  const kind = kindOfFile(first.contentType)
  if (attachments.some(({ contentType }) => kindOfFile(contentType) !== kind)) {
    return `${String(attachments.length)} files`
  }
  if (attachments.length > 1)
    return `${String(attachments.length)} ${kind === 'audio' ? 'recordings' : `${kind}s`}`
  return kind === 'file' ? first.name : kind.charAt(0).toUpperCase() + kind.slice(1)
}

const REASONS: Readonly<Record<string, string>> = {
  malware: 'Removed: a virus was found in it',
  type_not_allowed: 'Removed: files of this type are not allowed',
  file_changed: 'Removed: what arrived is not what was announced',
  deleted: 'Deleted',
  aborted: 'Cancelled by its sender',
  attachment_taken: 'Belongs to another message',
}

/** Why there is nothing to open; `undefined` while there is, or may be. */
export function describeRefusal(
  attachment: Pick<Attachment, 'state' | 'reason'>,
): string | undefined {
  const { state, reason = '' } = attachment
  switch (state) {
    case 'rejected':
      return REASONS[reason] ?? 'Removed: it did not pass the check for harmful files'
    case 'failed':
      return REASONS[reason] ?? 'Could not be processed'
    case 'expired':
      return REASONS[reason] ?? 'Was never completely sent'
    case 'uploading':
    case 'processing':
    case 'ready':
      return undefined
    default:
      return unknown(state)
  }
}

/** What stands on a file's card instead of a picture: “PDF”. */
export function extensionOf(name: string): string {
  const extension = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]
  return extension === undefined ? 'FILE' : extension.toUpperCase()
}

function unknown(state: never): string {
  return String(state)
}
