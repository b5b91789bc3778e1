import type { Message, MessageAttachment } from '@satchel/client'
import { pickPicture } from './pick-variant.ts'

export interface ShownPicture {
  readonly message: Message
  readonly attachment: MessageAttachment
}

/** Every picture of these messages that can be looked at. */
export function listPictures(messages: readonly Message[]): readonly ShownPicture[] {
  return messages.flatMap((message) =>
    message.attachments
      .filter((attachment) => pickPicture(attachment, 1) !== undefined)
      .map((attachment) => ({ message, attachment })),
  )
}
