import type {
  Attachment,
  AttachmentReference,
  ConversationId,
  RequestedCommand,
  UserId,
} from '@satchel/protocol'
import type { CommandContent, React } from './domain/command.ts'

/** What deciding a command needs from elsewhere. Each rejects with what there is against the command. */
export interface Stamps {
  /** Checks uploader and conversation, and says what is known of the attachments' bytes. */
  readonly stampAttachments: (
    uploaderId: UserId,
    conversationId: ConversationId,
    references: readonly AttachmentReference[],
  ) => Promise<readonly Attachment[]>
  /** Looks for room among the message's reactions, and says whether the author follows the channel. */
  readonly stampReaction: (
    authorId: UserId,
    conversationId: ConversationId,
    reaction: Extract<RequestedCommand, { readonly kind: 'react' }>,
  ) => Promise<React>
}

/** Whether there is anything to find out about a command before it is appended. */
export function needsStamp(command: RequestedCommand): boolean {
  switch (command.kind) {
    case 'send_message':
      return command.attachments !== undefined && command.attachments.length > 0
    case 'react':
      return true
    default:
      return false
  }
}

/** The command with everything that deciding it needs. */
export async function stampCommand(
  stamps: Stamps,
  authorId: UserId,
  conversationId: ConversationId,
  command: RequestedCommand,
): Promise<CommandContent> {
  switch (command.kind) {
    case 'send_message': {
      const { attachments: references = [] } = command
      const attachments = await stamps.stampAttachments(authorId, conversationId, references)
      return { ...command, attachments }
    }
    case 'react':
      return stamps.stampReaction(authorId, conversationId, command)
    default:
      return command
  }
}

/** A command about which nothing is known but what it says itself. */
export function unstamped(command: RequestedCommand): CommandContent {
  return command.kind === 'send_message' ? { ...command, attachments: undefined } : command
}
