import type { Attachment } from '@satchel/protocol'

type Named = Pick<Attachment, 'name' | 'contentType'>

/** How recordings of this page are named; by this others know one from a file somebody had. */
export const VOICE_NOTE = 'voice-note'

export function isVoiceNote({ name }: Pick<Attachment, 'name'>): boolean {
  return /^voice-note\.(webm|m4a|ogg|mp4)$/.test(name)
}

/** What a file is, in a word, for previews and screen readers. */
export function kindOfFile(file: Named): 'photo' | 'video' | 'audio' | 'file' {
  const { contentType } = file
  if (isVoiceNote(file) || contentType.startsWith('audio/')) return 'audio'
  if (contentType.startsWith('image/')) return 'photo'
  return contentType.startsWith('video/') ? 'video' : 'file'
}

/** What screen readers say for something to look at: its description where the sender gave one. */
export function labelOf(attachment: Named & Pick<Attachment, 'alt'>): string {
  const { alt, name } = attachment
  return alt ?? `${kindOfFile(attachment) === 'video' ? 'Video' : 'Photo'} ${name}`
}

/** What a file is called where it is shown. */
export function titleOf(file: Pick<Attachment, 'name'>): string {
  return isVoiceNote(file) ? 'Voice message' : file.name
}

/** “Photo”, “3 photos”, “report.pdf”: a message's attachments in one line. */
export function describeAttachments(attachments: readonly Named[]): string {
  const [first] = attachments
  if (first === undefined) return ''
  const kind = kindOfFile(first)
  if (attachments.some((other) => kindOfFile(other) !== kind)) {
    return `${String(attachments.length)} files`
  }
  if (attachments.length > 1)
    return `${String(attachments.length)} ${kind === 'audio' ? 'recordings' : `${kind}s`}`
  if (kind === 'file' || isVoiceNote(first)) return titleOf(first)
  return kind.charAt(0).toUpperCase() + kind.slice(1)
}

const NOT_PASSED = 'Removed: it did not pass the check for harmful files.'

/** Why there is nothing to open. */
const REASONS: Readonly<Record<string, string>> = {
  malware: 'Removed: a virus was found in it, and nobody has got it.',
  type_not_allowed: 'Removed: files of this type cannot be sent here.',
  file_changed: 'Removed: the file changed while it was being sent.',
  deleted: 'Deleted',
  aborted: 'Cancelled by its sender',
  attachment_taken: 'Belongs to another message',
  bytes_lost: 'This file was lost.',
  retention: 'Deleted: files are kept for a limited time here.',
}

const TOO_LARGE = 'Not shared: it is too large to be looked into.'

/** Why what has arrived is handed out to nobody. */
const WITHHELD: Readonly<Record<string, string>> = {
  not_cleaned: 'Not shared: what cameras note in this kind of photo cannot be removed.',
  too_many_pixels: TOO_LARGE,
  too_many_bytes: TOO_LARGE,
  took_too_long: TOO_LARGE,
}

const SEND_SMALLER = 'Send a smaller one, or a JPEG.'

/** What its sender can do about it; for what is not here, send it again. */
const ADVICE: Readonly<Record<string, string>> = {
  malware: 'Check your device, and do not open the file.',
  type_not_allowed: 'Try another format, such as PDF or JPEG.',
  deleted: '',
  aborted: '',
  retention: '',
  not_cleaned: 'Send it as JPEG or HEIC or, as it is, in a ZIP file.',
  too_many_pixels: SEND_SMALLER,
  too_many_bytes: SEND_SMALLER,
  took_too_long: SEND_SMALLER,
}

/** It has arrived, and there is nothing of it to look at, to play or to save. */
export function isWithheld({ state, variants }: Pick<Attachment, 'state' | 'variants'>): boolean {
  return state === 'ready' && (variants ?? []).length === 0
}

/**
 * Why there is nothing to open; `undefined` while there may be. What was found in a file is its
 * sender's business.
 */
export function describeRefusal(
  attachment: Pick<Attachment, 'state' | 'reason'>,
  isOwn: boolean,
): string | undefined {
  const { state, reason = '' } = attachment
  switch (state) {
    case 'rejected':
      return describeRejection(reason, isOwn)
    case 'failed':
      return REASONS[reason] ?? 'Could not be checked, and is not shown.'
    case 'expired':
      return REASONS[reason] ?? 'Was never completely sent'
    case 'ready':
      return WITHHELD[reason] ?? 'Not shared: it cannot be opened.'
    case 'uploading':
    case 'processing':
      return undefined
    default:
      return unknown(state)
  }
}

function describeRejection(reason: string, isOwn: boolean): string {
  return (isOwn ? REASONS[reason] : undefined) ?? NOT_PASSED
}

/** What can be done about something that is not there; empty where nothing needs to be. */
export function describeRemedy(
  { state, reason = '' }: Pick<Attachment, 'state' | 'reason'>,
  isOwn: boolean,
): string {
  if (isOwn) return ADVICE[reason] ?? (mayAttachAgain({ state, reason }) ? 'Attach it again.' : '')
  const isMissed = state === 'failed' && ADVICE[reason] === undefined
  return isMissed ? 'Ask for it to be sent again.' : ''
}

/** Its sender may succeed with the same file. */
export function mayAttachAgain({ state, reason }: Pick<Attachment, 'state' | 'reason'>): boolean {
  const isOver = state === 'failed' || state === 'expired' || reason === 'file_changed'
  return isOver && ADVICE[reason ?? ''] === undefined
}

/** Behind the size of a picture, video or recording that can only be downloaded; empty for other files. */
export function describeLack(attachment: Named & Pick<Attachment, 'reason'>): string {
  const isMedia = kindOfFile(attachment) !== 'file'
  return isMedia && attachment.reason !== undefined ? ' · No preview' : ''
}

/** What stands on a file's card instead of a picture: “PDF”. */
export function extensionOf(name: string): string {
  const extension = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]
  return extension === undefined ? 'FILE' : extension.toUpperCase()
}

function unknown(state: never): string {
  return String(state)
}
