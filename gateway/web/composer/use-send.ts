import { LIMITS } from '@satchel/protocol'
import { useConversation } from '../conversation/conversation-context.ts'
import { findMentions } from '../message/split-text.ts'
import type { Mentionable } from '../message/split-text.ts'
import { useAttempt } from '../session/use-attempt.ts'
import { useSession } from '../session/session-context.ts'
import type { ComposerContext } from './composer-context-bar.tsx'
import type { Tray } from './tray.ts'

interface SendInput {
  readonly text: string
  readonly setText: (text: string) => void
  readonly tray: Tray
  readonly context: ComposerContext | undefined
  readonly people: readonly Mentionable[]
  readonly onContextEnd: () => void
  readonly onSent: () => void
}

const utf8 = new TextEncoder()

/** Sends what is written and attached, or saves an edit. */
export function useSend(input: SendInput): {
  readonly send: () => void
  readonly maySend: boolean
} {
  const { conversation } = useConversation()
  const { toasts } = useSession()
  const attempt = useAttempt()
  const { context, tray, setText } = input
  const text = input.text.trim()
  const isEdit = context?.kind === 'edit'
  const hasFiles = tray.items.length > 0 && !isEdit
  const keepsFiles = isEdit && context.message.attachments.length > 0
  const isEmpty = text === '' && !hasFiles && !keepsFiles
  const maySend = !isEmpty && utf8.encode(text).length <= LIMITS.textBytes

  const words = () => {
    const { userIds, everybody } = findMentions(text, input.people)
    return {
      ...(text === '' ? {} : { text }),
      ...(userIds.length === 0 ? {} : { mentions: userIds.slice(0, LIMITS.mentionsPerMessage) }),
      ...(everybody && conversation.kind !== 'direct' ? { mentionAll: true } : {}),
    }
  }
  const save = (seq: number): void => {
    if (text !== context?.message.text) attempt(conversation.edit(seq, words()))
    input.onContextEnd()
  }
  const sendNew = (): void => {
    if (tray.items.some(({ upload }) => upload.status === 'failed')) {
      toasts.show('Remove the files that could not be sent first.')
      return
    }
    const attachments = tray.take()
    const message = {
      ...words(),
      ...(attachments.length === 0 ? {} : { attachments }),
      ...(context === undefined ? {} : { replyTo: context.message.seq }),
    }
    // A failure shows at the message itself, with a way to try again.
    conversation.send(message).catch(() => undefined)
    setText('')
    conversation.typing('none')
    input.onContextEnd()
    input.onSent()
  }
  const send = (): void => {
    if (!maySend) return
    if (isEdit && context.message.seq !== undefined) save(context.message.seq)
    else sendNew()
  }
  return { send, maySend }
}
