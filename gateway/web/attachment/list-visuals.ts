import type { Message, MessageAttachment } from '@satchel/client'
import { isVisual } from './shown-as.ts'

export interface ShownVisual {
  readonly message: Message
  readonly attachment: MessageAttachment
}

/** Everything in these messages that can be looked at; of what is hidden only the one asked for. */
export function listVisuals(messages: readonly Message[], askedId: string): readonly ShownVisual[] {
  return messages.flatMap((message) =>
    message.attachments
      .filter(({ id, spoiler }) => spoiler !== true || id === askedId)
      .filter((attachment) => attachment.state === 'ready' && isVisual(attachment, false))
      .map((attachment) => ({ message, attachment })),
  )
}
