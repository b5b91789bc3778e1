import type { Message } from '@satchel/client'
import { describeAttachments } from './describe-attachment.ts'

type Described = Pick<Message, 'text' | 'deleted' | 'attachments'>

/** A message in one line. */
export function describeMessage({ text, deleted, attachments }: Described): string {
  if (deleted) return 'Deleted message'
  const words = text.replace(/\s+/g, ' ').trim()
  return words === '' ? describeAttachments(attachments) : words
}
