import type { Message, MessageAttachment } from '@satchel/client'
import { pickPicture } from './pick-variant.ts'

export interface ShownPicture {
  readonly message: Message
  readonly attachment: MessageAttachment
}

/** Every picture of these messages that can be looked at; of those that are hidden only the one asked for. */
export function listPictures(
  messages: readonly Message[],
  askedId: string,
): readonly ShownPicture[] {
  return messages.flatMap((message) =>
    message.attachments
      .filter(({ id, spoiler }) => spoiler !== true || id === askedId)
      .filter((attachment) => pickPicture(attachment, 1) !== undefined)
      .map((attachment) => ({ message, attachment })),
  )
}
