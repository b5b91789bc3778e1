import { ChatError } from '@satchel/client'
import type { ChatClient, MessageAttachment } from '@satchel/client'
import { pickDownload } from './pick-variant.ts'

/** Lets the browser save the file. */
export async function downloadAttachment(
  chat: Pick<ChatClient, 'link'>,
  attachment: MessageAttachment,
): Promise<void> {
  const variant = pickDownload(attachment)
  if (variant === undefined) {
    throw new ChatError('no_such_attachment', 'there is nothing to download')
  }
  const anchor = document.createElement('a')
  anchor.href = await chat.link(attachment, variant)
  anchor.download = attachment.name
  anchor.click()
}
